import { dirname, join } from 'node:path';

/** How a sound file is written, told by its content: names are not believed. */
export type SoundFormat = 'wav' | 'mp3' | 'opus' | 'flac';

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
  /** What the file as it came is, when browsers play it; null: they are given the WAV file. */
  readonly listenFormat: SoundFormat | null;
};

/** What comes of a file: the sound, or why it is not taken, for people. */
export type Taken = { readonly sound: StoredSound } | { readonly refused: string };

export type IntakeOptions = {
  /** Bring it to the usual loudness. */
  readonly normalize: boolean;
};

/** The way into the media library: what may come from outside is decoded to its end first. */
export interface MediaIntake {
  /**
   * Takes a sound file (WAV, MP3, Ogg Opus, FLAC) of this machine; it stays where it is. A file that
   * cannot be taken is refused with the reason, then nothing is stored. Rejects when the library itself
   * fails, as for a full disk.
   */
  take(path: string, options: IntakeOptions): Promise<Taken>;
  /**
   * The same for a file that is on its way here. Rejects as `content` does when it breaks off; then
   * nothing of it is left.
   */
  receive(content: AsyncIterable<Uint8Array>, options: IntakeOptions): Promise<Taken>;
}

/** Where the media library keeps the file as it came: beside the one that calls play. */
export function originalPath(
  { path, contentHash }: Pick<StoredSound, 'path' | 'contentHash'>,
  format: SoundFormat,
): string {
  return join(dirname(path), `${contentHash}.original.${format}`);
}
