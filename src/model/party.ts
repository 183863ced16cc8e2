export type Role = 'operator' | 'contact';

/**
 * Whether a number is that of an employee's SIP line (`SipLine.phoneNumber`): it begins with 0, as no
 * E.164 number does, and is no telephone network's.
 */
export const isSipLine = (number: string): boolean => number.startsWith('0');

/** A sound file that can be played: a user's or system file of the media library. */
export type Prompt = {
  /** The id of the media library (`media_file_id`), or 0 for one that has none. */
  readonly id: number;
  /** For people: `dialing_music`, `greeting.wav`. */
  readonly name: string;
  /** Absolute path of a WAV file. */
  readonly path: string;
};
