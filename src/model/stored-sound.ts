/** A sound that was taken into the media library. */
export type StoredSound = {
  /** Absolute path of the WAV file that calls play. */
  readonly path: string;
  /** SHA-256 of the file as it came, lower-case hex. */
  readonly contentHash: string;
  readonly durationMs: number;
  /** Of the file as it came. */
  readonly sizeBytes: number;
  /** Brought to the usual loudness. */
  readonly normalized: boolean;
};

/** The way into the media library: what may come from outside is decoded to its end first. */
export interface MediaIntake {
  /**
   * Takes a sound file (WAV, MP3, Ogg Opus, FLAC) of this machine; it stays where it is. A file that
   * cannot be taken is refused with the reason, for people; then nothing is stored.
   */
  take(
    path: string,
    options: { readonly normalize: boolean },
  ): Promise<{ readonly sound: StoredSound } | { readonly refused: string }>;
}
