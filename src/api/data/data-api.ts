import { ApiError } from '../errors.ts';
import type { Method } from '../method.ts';
import type { ApiProfile } from '../profile.ts';
import { createBlacklistEntry, deleteBlacklistEntry, getBlacklist } from './methods/blacklist.ts';
import { deleteMediaFile, getMediaFiles, updateMediaFile } from './methods/media-files.ts';
import { getCallLegsReport, getCallsReport } from './methods/reports.ts';
import { getAccount, loginUser, logoutUser } from './methods/session.ts';
import { uploadMediaFile } from './methods/upload-media-file.ts';
import { getVirtualNumbers } from './methods/virtual-numbers.ts';

/** The methods of the vendor's Data API that are built, in the order of spec/data-api-subset.md. */
const documented: readonly Method[] = [
  loginUser,
  logoutUser,
  getAccount,
  getVirtualNumbers,
  getMediaFiles,
  getBlacklist,
  createBlacklistEntry,
  deleteBlacklistEntry,
  getCallsReport,
  getCallLegsReport,
];

/** What the vendor has no methods for. */
const extensions: readonly Method[] = [uploadMediaFile, updateMediaFile, deleteMediaFile];

export const dataMethods: ReadonlyMap<string, Method> = new Map(
  [...documented, ...extensions].map((method) => [method.name, method]),
);

/** The API at `POST /v2.0`: what is provisioned, and what has happened. */
export const dataApi: ApiProfile = {
  name: 'Data API',
  version: '2.0',
  methods: dataMethods,
  mayUse: (user) => user.callApi,
  disabled: (component) =>
    new ApiError('method_component_disabled', { params: { components: component } }),
};
