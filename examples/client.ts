import { Client } from 'dozvon/client';

const { DOZVON_URL = 'http://127.0.0.1:8080', DOZVON_KEY = '' } = process.env;

/** The typed client of the server that DOZVON_URL names, with the key DOZVON_KEY. */
export const client = new Client({ url: DOZVON_URL, accessToken: DOZVON_KEY });
