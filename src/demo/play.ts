import type { Timer } from '../base/clock.ts';
import type { Sink } from '../base/sink.ts';
import type { CallEvent, CallEventOf } from '../model/call-event.ts';
import type { FinishReason } from '../model/finish-reason.ts';
import type { Role } from '../model/party.ts';
import type { PhoneCall } from '../sandbox/phone-call.ts';
import type { PhoneEvent } from '../sandbox/phone-event.ts';
import { virtualNumber } from './demo-config.ts';
import type { Rung } from './ladder.ts';
import { rungOfCallEvent, rungOfPhoneEvent } from './rungs.ts';
import type { Scenario } from './scenarios.ts';
import type { Stage } from './stage.ts';
import type { CallReport, LegReport } from './verdict.ts';

/** Nothing of the demo takes longer; afterwards the call is released and judged as it is. */
const longestMs = 27_000;
/** After the call's end its phones must fall silent within this. */
const farewellMs = 2000;

type LegNotes = {
  legId?: number;
  dialedAt?: number;
  ringingAt?: number;
  answeredAt?: number;
  endedAt?: number;
  finishReason?: FinishReason;
};

/** One scenario being played: places the call, lets the people act, takes notes of all that happens. */
export class Play {
  readonly #stage: Stage;
  readonly #scenario: Scenario;
  readonly #numbers: Readonly<Record<Role, string>>;
  readonly #show: (atMs: number, rung: Rung) => void;
  readonly #legs: Record<Role, LegNotes> = { operator: {}, contact: {} };
  readonly #pressed: { key: string; at: number }[] = [];
  readonly #over = Promise.withResolvers<void>();
  readonly #timers: Timer[] = [];
  #startedAt = 0;
  #wallOffset = 0;
  #callSessionId: number | undefined;
  #bridgeAt: number | undefined;
  #endedAt: number | undefined;
  #finishReason: FinishReason | undefined;

  constructor(
    stage: Stage,
    scenario: Scenario,
    numbers: Readonly<Record<Role, string>>,
    show: (atMs: number, rung: Rung) => void,
  ) {
    this.#stage = stage;
    this.#scenario = scenario;
    this.#numbers = numbers;
    this.#show = show;
    const behaviours = scenario.phones(stage.sounds);
    stage.join({
      phones: new Map([
        [numbers.operator, behaviours.operator],
        [numbers.contact, behaviours.contact],
      ]),
      onPhone: this.#onPhone,
      onCall: this.#onCall,
    });
  }

  /** The ear and mouth of a party; undefined if it was never rung. */
  phone(role: Role): PhoneCall | undefined {
    return this.#stage.sandbox.call(this.#numbers[role]);
  }

  /** Milliseconds of the stage's clock at the request: the zero of all times reported. */
  get startedAt(): number {
    return this.#startedAt;
  }

  async run(): Promise<CallReport> {
    const { clock, api } = this.#stage;
    this.#startedAt = clock.now();
    this.#wallOffset = clock.wallTime() - clock.now();
    const { operator, contact } = this.#numbers;
    const callSessionId = await api.startSimpleCall({
      ...this.#scenario.params,
      virtual_phone_number: virtualNumber,
      operator,
      contact,
    });
    this.#callSessionId = callSessionId;
    this.#remark(`start.simple_call answered: call_session_id ${callSessionId}`);
    this.#after(longestMs, () => {
      this.#remark(`still going after ${longestMs / 1000} s: released`);
      api.releaseCall(callSessionId).catch(() => {});
      this.#after(farewellMs, () => this.#over.resolve());
    });
    await this.#over.promise;
    for (const timer of this.#timers) timer.cancel();
    return this.#report(callSessionId);
  }

  readonly #onPhone: Sink<PhoneEvent> = (event) => {
    const role: Role = event.number === this.#numbers.operator ? 'operator' : 'contact';
    const at = event.atMs - this.#startedAt;
    const leg = this.#legs[role];
    if (event.type === 'ringing') leg.ringingAt ??= at;
    if (event.type === 'answered') leg.answeredAt ??= at;
    if (event.type === 'ended') leg.endedAt = at;
    if (event.type === 'keyPressed') this.#pressed.push({ key: event.key, at });
    const rung = rungOfPhoneEvent(role, event);
    if (rung) this.#show(at, rung);
    if (event.type === 'ringing' && role === 'contact') this.#mayEnd('contact rings');
    this.#mayBeOver();
  };

  readonly #onCall: Sink<CallEvent> = (event) => {
    if (event.type === 'callStarted' && event.operator === this.#numbers.operator) {
      this.#callSessionId = event.callSessionId;
    }
    if (event.callSessionId !== this.#callSessionId) return;
    const at = event.at - this.#wallOffset - this.#startedAt;
    if (event.type === 'legDialing') {
      Object.assign(this.#legs[event.role], { legId: event.legId, dialedAt: at });
    }
    const role = 'legId' in event ? this.#roleOf(event.legId) : undefined;
    if (event.type === 'legEnded') this.#legs[role!].finishReason = event.finishReason;
    if (event.type === 'talkStarted') this.#bridgeAt = at;
    if (event.type === 'callEnded') this.#noteEnd(at, event);
    const rung = rungOfCallEvent(role, event);
    if (rung) this.#show(at, rung);
    if (event.type === 'talkStarted') this.#mayEnd('talk starts');
    this.#mayBeOver();
  };

  #noteEnd(at: number, { finishReason }: CallEventOf<'callEnded'>): void {
    this.#endedAt = at;
    this.#finishReason = finishReason;
    // A phone that is left alone is found out by the verdict, not waited for without end.
    this.#after(farewellMs, () => this.#over.resolve());
  }

  /** Lets the people, or the API, end the call if this is the moment for it. */
  #mayEnd(moment: 'talk starts' | 'contact rings'): void {
    const { ends } = this.#scenario;
    if (ends?.after !== moment) return;
    this.#after(ends.ms, () => {
      if (this.#endedAt !== undefined) return;
      if (ends.by !== 'release.call') return this.phone(ends.by)?.hangUp();
      this.#remark('release.call over HTTP');
      this.#stage.api.releaseCall(this.#callSessionId!).catch((error: unknown) => {
        this.#remark(error instanceof Error ? error.message : 'release.call failed');
      });
    });
  }

  #mayBeOver(): void {
    if (this.#endedAt === undefined) return;
    const isOver = (role: Role): boolean => this.phone(role)?.isOver ?? true;
    if (isOver('operator') && isOver('contact')) this.#over.resolve();
  }

  #after(delayMs: number, act: () => void): void {
    this.#timers.push(this.#stage.clock.setTimer(delayMs, act));
  }

  #roleOf(legId: number): Role {
    return this.#legs.operator.legId === legId ? 'operator' : 'contact';
  }

  #remark(text: string): void {
    this.#show(this.#stage.clock.now() - this.#startedAt, { kind: 'remark', text });
  }

  #report(callSessionId: number): CallReport {
    return {
      callSessionId,
      finishReason: this.#finishReason,
      bridgeAt: this.#bridgeAt,
      endedAt: this.#endedAt,
      legs: { operator: this.#legReport('operator'), contact: this.#legReport('contact') },
      pressed: this.#pressed,
    };
  }

  #legReport(role: Role): LegReport {
    const { dialedAt, ringingAt, answeredAt, endedAt, finishReason } = this.#legs[role];
    const raw = this.phone(role)?.heard;
    const shift = (ms: number): number => ms - this.#startedAt;
    const startMs = raw?.startMs === undefined ? undefined : shift(raw.startMs);
    const record = raw && {
      ...raw,
      startMs,
      gaps: raw.gaps.map(({ fromMs, toMs }) => ({ fromMs: shift(fromMs), toMs: shift(toMs) })),
      keys: raw.keys.map((key) => ({
        ...key,
        startMs: shift(key.startMs),
        arrivedMs: shift(key.arrivedMs),
      })),
    };
    return { dialedAt, ringingAt, answeredAt, endedAt, finishReason, record };
  }
}
