import { dataMethods } from '../data/data-api.ts';
import type { Method } from '../method.ts';
import { methods } from '../methods/methods.ts';

/** The methods that are served on one path. */
export type Api = {
  readonly name: string;
  readonly path: string;
  /** Where its pages are, below docs/api/; empty or ending in a slash. */
  readonly folder: string;
  /** The name of its table of methods in the typed client. */
  readonly typeName: string;
  readonly methods: readonly Method[];
};

/** Everything that is described. */
export const apis: readonly Api[] = [
  {
    name: 'Call API',
    path: '/v4.0',
    folder: '',
    typeName: 'CallApi',
    methods: [...methods.values()],
  },
  {
    name: 'Data API',
    path: '/v2.0',
    folder: 'data/',
    typeName: 'DataApi',
    methods: [...dataMethods.values()],
  },
];
