import { ApiError } from '../errors.ts';
import type { Method } from '../method.ts';
import type { ApiProfile } from '../profile.ts';
import { getAccountLimits, updateAccountLimits } from './administration/account-limits.ts';
import {
  addAllowedAddress,
  deleteAllowedAddress,
  getAllowedAddresses,
} from './administration/addresses.ts';
import { createEmployee, deleteEmployee, updateEmployee } from './administration/employees.ts';
import { createKey, deleteKey, getKeys, updateKey } from './administration/keys.ts';
import {
  createVirtualNumber,
  deleteVirtualNumber,
  updateVirtualNumber,
} from './administration/numbers.ts';
import { getSecurityRules, updateSecurityRules } from './administration/security-rules.ts';
import { createUser, deleteUser, getUsers, updateUser } from './administration/users.ts';
import { getApiRequests } from './methods/api-requests.ts';
import { createBlacklistEntry, deleteBlacklistEntry, getBlacklist } from './methods/blacklist.ts';
import {
  createSipLine,
  deleteSipLine,
  updateSipLine,
  updateSipLinePassword,
} from './methods/change-sip-lines.ts';
import { getEmployees } from './methods/employees.ts';
import { deleteMediaFile, getMediaFiles, updateMediaFile } from './methods/media-files.ts';
import { getCallLegsReport, getCallsReport } from './methods/reports.ts';
import { getAccount, loginUser, logoutUser } from './methods/session.ts';
import { getSipLineNumbers, getSipLines } from './methods/sip-lines.ts';
import { setTagCommunications, unsetTagCommunications } from './methods/tag-communications.ts';
import { createTag, deleteTag, getTags, updateTag } from './methods/tags.ts';
import { uploadMediaFile } from './methods/upload-media-file.ts';
import { getVirtualNumbers } from './methods/virtual-numbers.ts';

/** The methods of the vendor's Data API, in the order of spec/data-api-subset.md. */
const documented: readonly Method[] = [
  loginUser,
  logoutUser,
  getAccount,
  getVirtualNumbers,
  getMediaFiles,
  getBlacklist,
  createBlacklistEntry,
  deleteBlacklistEntry,
  getTags,
  createTag,
  updateTag,
  deleteTag,
  setTagCommunications,
  unsetTagCommunications,
  getCallsReport,
  getCallLegsReport,
  getSipLines,
  createSipLine,
  updateSipLine,
  updateSipLinePassword,
  deleteSipLine,
  getSipLineNumbers,
  getEmployees,
  getApiRequests,
];

/** What the owner of an installation needs beyond the vendor: docs/api/extensions.md. */
const extensions: readonly Method[] = [
  createVirtualNumber,
  updateVirtualNumber,
  deleteVirtualNumber,
  createEmployee,
  updateEmployee,
  deleteEmployee,
  getUsers,
  createUser,
  updateUser,
  deleteUser,
  getKeys,
  createKey,
  updateKey,
  deleteKey,
  getAllowedAddresses,
  addAllowedAddress,
  deleteAllowedAddress,
  getAccountLimits,
  updateAccountLimits,
  getSecurityRules,
  updateSecurityRules,
  uploadMediaFile,
  updateMediaFile,
  deleteMediaFile,
];

export const dataMethods: ReadonlyMap<string, Method> = new Map(
  [...documented, ...extensions].map((method) => [method.name, method]),
);

/** The API at `POST /v2.0`: what is provisioned, and what has happened. */
export const dataApi: ApiProfile = {
  name: 'Data API',
  version: '2.0',
  methods: dataMethods,
  mayUse: (user) => user.dataApi,
  disabled: (component) =>
    new ApiError('method_component_disabled', { params: { components: component } }),
};
