import type { User } from '../store/store.ts';
import type { ApiError } from './errors.ts';
import type { Method } from './method.ts';

/** What tells one API of this server from another; envelope, order of checks and errors are common. */
export type ApiProfile = {
  /** `Call API`. */
  readonly name: string;
  /** As its path has it, without the `v`. */
  readonly version: string;
  readonly methods: ReadonlyMap<string, Method>;
  /** Whether the user has the right to this API at all. */
  mayUse(user: User): boolean;
  /** The error for a method whose component is switched off. */
  disabled(component: string): ApiError;
};
