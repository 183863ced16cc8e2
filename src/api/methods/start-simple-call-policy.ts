import { isSipLine } from '../../model/sip-line-number.ts';
import type { LimitReached, PlannedCall, Reservation } from '../../numbers/call-limiter.ts';
import type { NumberRules } from '../../numbers/number-rules.ts';
import type { Account, Store } from '../../store/store.ts';
import { ApiError } from '../errors.ts';

/** The parties as they were sent, and the number that was asked for. */
type Parties = {
  readonly contact: string;
  readonly operator: string;
  readonly virtual_phone_number: string;
};

/** The rest of step 15: a number of the form of a SIP line must be that of a line of this account. */
export async function checkLines(
  parties: Parties,
  account: Account,
  { sipLines }: Store,
): Promise<void> {
  for (const field of ['contact', 'operator'] as const) {
    const value = parties[field];
    // Whether the line is active does not matter: spec/simple-call.md section 5.
    if (isSipLine(value) && (await sipLines.byPhoneNumber(value))?.accountId !== account.id)
      throw new ApiError('invalid_parameter_value', { field, value });
  }
}

/** Step 19: whom the account does not call. Answers what the call will ask of the account's limits. */
export async function checkPolicy(
  { contact, operator, virtual_phone_number: virtualNumber }: Parties,
  account: Account,
  { store, numbers }: { readonly store: Store; readonly numbers: NumberRules },
): Promise<PlannedCall> {
  const isOwn = async (number: string): Promise<boolean> =>
    (await store.numbers.find(number))?.accountId === account.id;
  if (await isOwn(contact))
    throw new ApiError('own_virtual_phone_number_not_allowed', {
      field: 'contact',
      value: contact,
    });
  if (await isOwn(operator))
    throw new ApiError('invalid_parameter_value', { field: 'operator', value: operator });
  if (!isSipLine(contact) && (await store.blacklist.has(account.id, contact)))
    throw new ApiError('contact_in_blacklist', {
      field: 'contact',
      value: contact,
      params: { contact },
    });
  const permission = await numbers.permit({ account, contact, operator, virtualNumber });
  if ('permitted' in permission) return permission.permitted;
  const { refused, field } = permission;
  const value = field === 'contact' ? contact : operator;
  const params =
    refused.because === 'direction'
      ? { reason: refused.direction }
      : { reason: refused.because, prefix: refused.prefix };
  throw new ApiError('call_direction_not_allowed', { field, value, params });
}

/** The last check, for what it takes must be given back: by the call's end, or by `failed`. */
export function reserve(numbers: NumberRules, call: PlannedCall): Reservation {
  const taken = numbers.reserve(call);
  if ('limit' in taken) throw limitExceeded(taken, call);
  return taken;
}

function limitExceeded({ limit, most, field }: LimitReached, call: PlannedCall): ApiError {
  return new ApiError('limit_exceeded', {
    ...(field !== undefined && { field, value: call[field] }),
    params: { limit_type: limit, limit_max_value: most },
  });
}
