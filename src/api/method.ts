import type { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { CallService } from '../calls/call-service.ts';
import type { Account, Store } from '../store/store.ts';
import type { Access, Caller } from './access.ts';
import type { LoginGuard } from './login-guard.ts';
import type { Points } from './points.ts';

/** What the methods work with. */
export type ApiParts = {
  readonly store: Store;
  readonly calls: CallService;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly access: Access;
  readonly points: Points;
  readonly logins: LoginGuard;
  /** Whether an account lets this IP address in: the account's list of addresses is asked here. */
  readonly allowsAddress: (account: Account, address: string) => boolean;
};

/** The four components of spec/call-api.md section 8, by their client-facing names. */
export type Component =
  | 'Call API Базовый набор'
  | 'Call API Управление вызовами'
  | 'Call API Информационный вызов'
  | 'Call API Вызов сценария';

export type MethodRequest<Params> = {
  readonly params: Params;
  readonly caller: Caller;
  readonly parts: ApiParts;
};

/** One method of the API: its name, its parameters in the documented order, and what it does. */
export type Method<Schema extends z.ZodObject = z.ZodObject> = {
  readonly name: string;
  readonly component: Component;
  /** Points taken when it succeeds. */
  readonly weight: number;
  readonly params: Schema;
  /**
   * How the caller is known, step 6 of the order of checks; default: by `access_token`. `address` is
   * the IP address of the request.
   */
  identify?(
    params: Readonly<Record<string, unknown>>,
    address: string,
    parts: ApiParts,
  ): Promise<Caller>;
  /** Resolves with `result.data`; throws ApiError. */
  run(request: MethodRequest<z.output<Schema>>): Promise<unknown>;
};

/** Keeps the types of one method's parameters, and lets the table of methods hold them all. */
export function defineMethod<Schema extends z.ZodObject>(method: Method<Schema>): Method {
  return method as unknown as Method;
}
