export type Role = 'operator' | 'contact';

/** A sound file that can be played: a user's or system file of the media library. */
export type Prompt = {
  /** The id of the media library (`media_file_id`), or 0 for one that has none. */
  readonly id: number;
  /** For people: `dialing_music`, `greeting.wav`. */
  readonly name: string;
  /** Absolute path of a WAV file. */
  readonly path: string;
};
