import type { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { CallService } from '../calls/call-service.ts';
import type { Prompt } from '../model/party.ts';
import type { SipLineStates } from '../model/registration.ts';
import type { MediaIntake } from '../model/stored-sound.ts';
import type { NumberRules } from '../numbers/number-rules.ts';
import type { Account, Store } from '../store/store.ts';
import type { Access, Caller } from './access.ts';
import type { Field } from './data/fields.ts';
import type { Mnemonic } from './errors.ts';
import type { Listing } from './listing.ts';
import type { LoginGuard } from './login-guard.ts';
import type { PlayLinks } from './media/play-links.ts';
import type { Points } from './points.ts';
import type { RequestLog } from './request-log.ts';
import type { TokenGuard } from './token-guard.ts';

/** What the methods work with. */
export type ApiParts = {
  readonly store: Store;
  readonly calls: CallService;
  readonly speech: Speech;
  readonly sip: SipAccess;
  readonly media: MediaIntake;
  readonly links: PlayLinks;
  readonly numbers: NumberRules;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly access: Access;
  readonly points: Points;
  readonly logins: LoginGuard;
  readonly tokens: TokenGuard;
  readonly requests: RequestLog;
  /** Whether an account lets this IP address in: its list is asked here. */
  readonly allowsAddress: (account: Account, address: string) => Promise<boolean>;
};

/** What turns texts into sounds: media/speech. */
export interface Speech {
  /**
   * The text as a prompt that is ready to be played, for an account by its name. Rejects when no engine
   * spoke it in time, with a message that does not hold the text.
   */
  speak(account: string, text: string): Promise<Prompt>;
}

/** Where SIP lines register, and which of them have. */
export type SipAccess = {
  /** Host and port, as a phone is told them. */
  readonly server: string;
  readonly states: SipLineStates;
};

/** The components of spec/call-api.md section 8 and of the Data API, by their client-facing names. */
export type Component =
  | 'Call API Базовый набор'
  | 'Call API Управление вызовами'
  | 'Call API Информационный вызов'
  | 'Call API Вызов сценария'
  | 'Data API'
  /** The PBX, which SIP lines are part of: spec/data-api-subset.md. */
  | 'va';

export type MethodRequest<Params> = {
  readonly params: Params;
  readonly caller: Caller;
  readonly parts: ApiParts;
  /** IP address of the client. */
  readonly address: string;
  /** What links to this server begin with: public-url.ts. */
  readonly origin: string;
};

/** One error a method answers besides those of every method. */
export type MethodError = {
  readonly mnemonic: Mnemonic;
  /** Markdown, in a few words. */
  readonly when: string;
  /** Where it is not the mnemonic's own. */
  readonly code?: number;
};

/** A request and its answer as the method's page prints them. */
export type MethodExample = {
  readonly params: Readonly<Record<string, unknown>>;
  /** `result.data`. */
  readonly result: unknown;
};

/**
 * One method of the API: its name, its parameters in the documented order, and what it does. Checks,
 * the types of `src/client/`, the pages in `docs/api/` and the OpenRPC document have no other source:
 * each parameter and each key of the result says what it is by `.describe()`.
 */
export type Method<
  Schema extends z.ZodObject = z.ZodObject,
  Result extends z.ZodType = z.ZodType,
> = {
  readonly name: string;
  readonly component: Component;
  /** Points taken when it succeeds. */
  readonly weight: number;
  readonly params: Schema;
  /** The form of `result.data`, for the compiler and for clients; answers are not checked against it. */
  readonly result?: Result;
  /** The columns of a `get` method of the Data API, of which `result` is a list. */
  readonly fields?: readonly Field[];
  /** What it does, in one or two sentences. */
  readonly summary?: string;
  /** In the order in which they are looked for; one mnemonic may stand for several faults. */
  readonly errors?: readonly MethodError[];
  readonly example?: MethodExample;
  /** Whatever else a reader should know: Markdown that ends its page. */
  readonly remarks?: string;
  /** The vendor has no such method. */
  readonly extension?: true;
  /** Needs the right of administration beside that to the API. */
  readonly administration?: true;
  /** What it is given until it is answered with an error; default: ten seconds. */
  readonly answerLimitMs?: number;
  /**
   * How the caller is known, step 6 of the order of checks; default: by `access_token`. `address` is
   * the IP address of the request.
   */
  identify?(
    params: Readonly<Record<string, unknown>>,
    address: string,
    parts: ApiParts,
  ): Promise<Caller>;
  /** Resolves with `result.data`, or with a page of it; throws ApiError. */
  run(request: MethodRequest<z.output<Schema>>): Promise<z.output<Result> | Listing>;
};

/** Keeps the types of one method's parameters and result, and lets the table of methods hold them all. */
export function defineMethod<
  Schema extends z.ZodObject,
  Result extends z.ZodType = z.ZodType<unknown>,
>(method: Method<Schema, Result>): Method {
  return method as unknown as Method;
}
