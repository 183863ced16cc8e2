import type { Logger } from '../base/logger.ts';
import type { CallStore } from '../store/store.ts';
import { buildCdr } from './cdr-builder.ts';
import { replayToEnd } from './replay.ts';

/**
 * Gives every call that the last process left unfinished its record, by replaying its journal: it
 * ended as `internal_error` when it was last known to be alive. Called at start, before the first call.
 */
export async function recordInterruptedCalls(parts: {
  readonly store: CallStore;
  readonly log: Logger;
}): Promise<void> {
  const { store, log } = parts;
  for (const callSessionId of await store.unfinished()) {
    const entries = await store.journal(callSessionId);
    const last = entries.at(-1);
    try {
      if ((await store.record(callSessionId)) === undefined) {
        const record = buildCdr(await replayToEnd(entries));
        store.saveRecord(record);
        const { finishReason, talkStartedAt } = record;
        const fields = { callSessionId, finishReason, talked: talkStartedAt !== null };
        log.warn(fields, 'a call was interrupted by the end of the process');
      }
    } catch (error) {
      log.error({ callSessionId, error }, 'an interrupted call leaves no record');
    }
    // One transaction with the record.
    const [sequence, at] = [(last?.sequence ?? -1) + 1, last?.at ?? 0];
    store.appendJournal({ callSessionId, sequence, at, kind: 'end', data: '{}' });
  }
  await store.flushed();
}
