import type { Method } from '../method.ts';
import { listCalls } from './list-calls.ts';
import { loginUser } from './login-user.ts';
import { logoutUser } from './logout-user.ts';
import { releaseCall } from './release-call.ts';
import { startSimpleCall } from './start-simple-call.ts';

/** The methods that are built, by name; any other answers `method_not_found`. */
export const methods: ReadonlyMap<string, Method> = new Map(
  [loginUser, logoutUser, startSimpleCall, listCalls, releaseCall].map((it) => [it.name, it]),
);
