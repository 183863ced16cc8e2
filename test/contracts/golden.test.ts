// Every request that the specification prints, posted to the real HTTP app, and its answer compared by
// shape with the printed one.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { hashToken } from '../../src/api/tokens.ts';
import type { Store } from '../../src/store/store.ts';
import { type Answer, type Installation, installation, tokens } from './api-installation.ts';
import { talkedCall } from './data-api-test.ts';
import { type ApiPath, type KnownIds, printedRequests, vendorRequest } from './printed-requests.ts';
import { notBuilt, vendorCallApi } from './vendor.ts';

type Printed = { readonly data: unknown; readonly metadata: Readonly<Record<string, unknown>> };
type PrintedMethods = Readonly<Record<string, { readonly result: Printed }>>;

const vendorDataApi = JSON.parse(
  readFileSync(new URL('../corpus/vendor-data-api.json', import.meta.url), 'utf8'),
) as { readonly methods: PrintedMethods };

const printed: Readonly<Record<ApiPath, PrintedMethods>> = {
  '/v4.0': vendorCallApi.methods as PrintedMethods,
  '/v2.0': vendorDataApi.methods,
};

const midCall = 'what is done in a running talk comes with mid-call control';
/** Methods whose printed request is answered `method_not_found`, and why. Built ones must be taken out. */
const later: Readonly<Record<ApiPath, Readonly<Record<string, string>>>> = {
  '/v4.0': {
    'start.employee_call': 'employees are not parties of calls yet',
    'start.scenario_call': 'there are no scenarios yet',
    'start.vnumber_call': 'there are no scenarios yet',
    'start.informer_call': 'a call of one leg comes with the other kinds of calls',
    'make.call': midCall,
    'transfer.talk': midCall,
    'restore.talk': midCall,
    'hold.call': midCall,
    'unhold.call': midCall,
    'tag.call': midCall,
    'disconnect.leg': midCall,
    'add.coach': midCall,
    'record.call': midCall,
    'block.contact': midCall,
    'call.talk_option': midCall,
    'send.dtmf': midCall,
    'list.talk_options': midCall,
  },
  '/v2.0': {},
};

const inTable = 'a field of the table that the printed row leaves out';
/** Where an answer has another shape than the printed one, and why. */
const explained: Readonly<Record<string, string>> = {
  'get.employees data[0].in_external_allowed_call_directions: not printed': inTable,
  'get.employees data[0].in_internal_allowed_call_directions: not printed': inTable,
  'get.employees data[0].out_external_allowed_call_directions: not printed': inTable,
  'get.employees data[0].out_internal_allowed_call_directions: not printed': inTable,
};

for (const path of ['/v4.0', '/v2.0'] as const)
  describe(`POST ${path}`, () => {
    test('there is a request for each method that the specification prints', () => {
      const asked = printedRequests[path].map(({ method }) => method);
      assert.deepEqual(asked, Object.keys(printed[path]));
    });

    for (const { method, params } of printedRequests[path])
      test(`${method}${method in later[path] ? ': not built yet' : ''}`, async () => {
        const it = await installation();
        try {
          const access = await accessOf(it, method);
          const all = { ...access, ...params(await provision(it)) };
          const answer = await post(it, path, {
            jsonrpc: '2.0',
            id: 'req1',
            method,
            params: all,
          });
          if (method in later[path]) {
            const found = answer.error?.data.mnemonic ?? 'an answer';
            assert.equal(found, 'method_not_found', 'it is built: take it out of the list');
            return;
          }
          assert.ok(answer.result, JSON.stringify(answer.error));
          const { data, metadata } = printed[path][method]!.result;
          assert.deepEqual(
            [
              ...unlike(answer.result.data, data, `${method} data`),
              ...unlike(answer.result.metadata, metadata, `${method} metadata`),
            ],
            Object.keys(explained).filter((one) => one.startsWith(`${method} `)),
          );
        } finally {
          await it.close();
        }
      });
  });

test('the list of methods that are not built holds no other', () => {
  assert.deepEqual(Object.keys(later['/v4.0']).sort(), [...notBuilt].sort());
  for (const path of ['/v4.0', '/v2.0'] as const)
    for (const method of Object.keys(later[path])) assert.ok(method in printed[path], method);
});

test('the printed request, byte for byte, once its token, number and files are provisioned', async () => {
  const it = await installation();
  try {
    const { access_token } = (JSON.parse(vendorRequest) as { params: { access_token: string } })
      .params;
    await addKey(it.store, access_token, 'permanent');
    const answer = await it.post(vendorRequest, {
      'content-type': 'application/json; charset=UTF-8',
    });
    assert.equal(answer.id, 'req1');
    assert.deepEqual(answer.result?.data, { call_session_id: 237859081 });
    assert.equal(it.calls.orders.length, 1);
  } finally {
    await it.close();
  }
});

test('the printed error has the shape of ours; but its id is echoed', async () => {
  const it = await installation();
  try {
    const answer = await it.call('start.simple_call', {
      first_call: 'operator',
      virtual_phone_number: '74993720692',
      contact: 7,
      operator: '79262444491',
    });
    const { error: theirs } = vendorCallApi.error_example as Answer;
    const { error: ours } = answer;
    assert.deepEqual([ours?.code, ours?.message], [theirs!.code, theirs!.message]);
    const { params: _, ...rest } = theirs!.data;
    assert.deepEqual(unlike({ ...ours!.data }, { ...rest, metadata: {}, params: {} }, 'error'), [
      'error.metadata.limits: not printed',
    ]);
    assert.deepEqual([ours?.data.field, ours?.data.mnemonic], ['contact', 'data_type_error']);
    assert.equal(answer.id, 'req1');
  } finally {
    await it.close();
  }
});

/** Sessions are dropped, keys are not: logging out takes a session. */
async function accessOf(it: Installation, method: string): Promise<object> {
  if (method === 'login.user') return {};
  if (method !== 'logout.user') return { access_token: tokens.valid };
  await addKey(it.store, 'a session', 'session');
  return { access_token: 'a session' };
}

async function addKey(store: Store, token: string, kind: 'session' | 'permanent'): Promise<void> {
  const user = (await store.users.byLogin('user of one'))!;
  await store.keys.add({
    accountId: user.accountId,
    userId: user.id,
    kind,
    label: '',
    tokenHash: hashToken(token),
    expiresAt: null,
    blocked: false,
  });
}

/** Everything that a request of the table names: a live and an ended call, a tag, an employee, a line. */
async function provision(it: Installation): Promise<KnownIds> {
  const { store, account } = it;
  const callSessionId = 237859081;
  const leg = { callingNumber: '74951045771', state: 'talking' } as const;
  const call = {
    callSessionId,
    direction: 'in',
    startedAt: it.clock.wallTime(),
    virtualNumber: '74951045771',
    contact: '74959268686',
    externalId: null,
    legs: [
      { ...leg, legId: 287866245, role: 'contact', calledNumber: '74959268686...9.2.3.3' },
      { ...leg, legId: 287866246, role: 'operator', calledNumber: '79262444491' },
    ],
  } as const;
  it.calls.live.set(callSessionId, { accountId: account.id, call, events: [] });
  await it.call('list.calls'); // A row of the report of requests.
  const endedCallId = 237859000;
  store.calls.saveRecord(talkedCall(endedCallId));
  await store.calls.flushed();
  const tag = (await store.tags.add(account.id, { name: 'Целевой', isSystem: false }))!;
  const onCall = (await store.tags.add(account.id, { name: 'Горячий', isSystem: false }))!;
  await store.tags.putOnCall({
    callSessionId: endedCallId,
    tagId: onCall.id,
    userId: 1,
    userLogin: 'user of one',
    changedAt: Math.floor(it.clock.wallTime() / 1000),
  });
  const employee = await store.employees.add(account.id, {
    login: 'ivanov',
    firstName: 'Иван',
    lastName: 'Иванов',
    patronymic: null,
    email: null,
    extension: '101',
  });
  const line = (await store.sipLines.add(account.id, {
    employeeId: employee.id,
    phoneNumber: '0123456',
    digests: { MD5: '', 'SHA-256': '' },
    virtualNumber: '74993720692',
    channelsCount: 1,
    dialTime: 60,
    billingState: 'active',
    active: true,
  }))!;
  return {
    callSessionId,
    legId: 287866245,
    tagId: tag.id,
    endedCallId,
    tagOnCallId: onCall.id,
    employeeId: employee.id,
    sipLineId: line.id,
    blacklistId: (await store.blacklistCards.list(account.id))[0]!.id,
  };
}

async function post(it: Installation, path: ApiPath, body: object): Promise<Answer> {
  const request = new Request(`http://test${path}`, { method: 'POST', body: JSON.stringify(body) });
  const response = await it.api.fetch(request);
  assert.equal(response.status, 200);
  return (await response.json()) as Answer;
}

/**
 * Where two answers differ in shape: keys, kinds of values, and that a list is a list. A null stands
 * for a value of any kind, and values themselves may be others.
 */
function unlike(ours: unknown, theirs: unknown, at: string): string[] {
  const kind = (value: unknown): string => (Array.isArray(value) ? 'array' : typeof value);
  if (ours === null || theirs === null) return [];
  if (kind(ours) !== kind(theirs)) return [`${at}: ${kind(ours)}, not ${kind(theirs)}`];
  if (Array.isArray(ours) && Array.isArray(theirs)) {
    if (theirs.length > 0 && ours.length === 0 && !mayBeEmpty(at)) return [`${at}: empty`];
    return theirs.length === 0
      ? []
      : ours.flatMap((it, index) => unlike(it, theirs[0], `${at}[${index}]`));
  }
  if (typeof ours !== 'object') return [];
  const [own, printed] = [ours as Record<string, unknown>, theirs as Record<string, unknown>];
  return [...new Set([...Object.keys(own), ...Object.keys(printed)])].flatMap((key) => {
    const path = `${at}.${key}`;
    if (!(key in own)) return [`${path}: missing`];
    return key in printed ? unlike(own[key], printed[key], path) : [`${path}: not printed`];
  });
}

/** Lists within a row, as the tags of a call: the rows themselves must be there. */
function mayBeEmpty(at: string): boolean {
  return at.includes('[');
}
