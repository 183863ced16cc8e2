import { z } from 'zod';
import { NetworkSet, normalNetwork, privateNetworks } from '../../../base/network.ts';
import { ApiError } from '../../errors.ts';
import { defineMethod } from '../../method.ts';
import { dataParams, defineList } from '../data-method.ts';
import {
  administers,
  assertRoom,
  duplicate,
  notFound,
  nothing,
  tooMany,
  untouchable,
  untouchableWhen,
} from '../entities.ts';
import { field } from '../fields.ts';

export const getAllowedAddresses = defineList({
  ...administers,
  name: 'get.allowed_addresses',
  summary:
    'The addresses from which the account may be used; an empty list stands for loopback, private and link-local ranges.',
  fields: [field('address', 'string', 'fs', 'an IP address, or a network in CIDR')],
  async rows({ caller: { account }, parts: { store } }) {
    return (await store.allowList.list(account.id)).map((address) => ({ address }));
  },
});

const address = z
  .string()
  .describe('an IP address or a network, as `203.0.113.7`, `203.0.113.0/24` or `2001:db8::/32`');
const noAddress = {
  mnemonic: 'invalid_parameter_value',
  when: 'no IP address or network',
} as const;
const lockedOut = untouchableWhen('the address that this request comes from would be kept out');

export const addAllowedAddress = defineMethod({
  ...administers,
  name: 'add.allowed_addresses',
  summary:
    'Lets an address or a network use the account; the first entry replaces the default of private ranges.',
  params: dataParams({ address }),
  result: z.strictObject({ address: z.string().describe('in its shortest form') }),
  errors: [
    noAddress,
    { mnemonic: 'duplicate_entity', when: 'it is in the list already' },
    lockedOut,
    tooMany,
  ],

  async run({ params, address: own, caller: { account }, parts: { store, access } }) {
    const network = readNetwork(params.address);
    await store.transaction(async (within) => {
      const list = await within.allowList.list(account.id);
      if (list.includes(network)) throw duplicate('address', params.address);
      assertRoom(list);
      assertLetIn(own, [...list, network], params.address);
      await within.allowList.add(account.id, network);
    });
    access.forgetAll();
    return { address: network };
  },
});

export const deleteAllowedAddress = defineMethod({
  ...administers,
  name: 'delete.allowed_addresses',
  summary: 'Takes an entry off the list of addresses.',
  params: dataParams({ address }),
  result: nothing,
  errors: [noAddress, { mnemonic: 'entity_not_found', when: 'it is not in the list' }, lockedOut],

  async run({ params, address: own, caller: { account }, parts: { store, access } }) {
    const network = readNetwork(params.address);
    await store.transaction(async (within) => {
      const list = await within.allowList.list(account.id);
      if (!list.includes(network)) throw notFound('address', params.address);
      const left = list.filter((it) => it !== network);
      assertLetIn(own, left.length === 0 ? privateNetworks : left, params.address);
      await within.allowList.remove(account.id, network);
    });
    access.forgetAll();
    return {};
  },
});

function readNetwork(sent: string): string {
  const network = normalNetwork(sent);
  if (network === undefined)
    throw new ApiError('invalid_parameter_value', { field: 'address', value: sent });
  return network;
}

function assertLetIn(own: string, networks: readonly string[], sent: string): void {
  if (!new NetworkSet(networks).has(own)) throw untouchable('address', sent);
}
