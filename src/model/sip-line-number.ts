/**
 * Whether a number is that of an employee's SIP line (`SipLine.phoneNumber`): it begins with 0, as no
 * E.164 number does, and is no telephone network's.
 */
export const isSipLine = (number: string): boolean => number.startsWith('0');
