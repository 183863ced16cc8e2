import { z } from 'zod';
import { type ListRow, selectRows } from '../../store/list-query.ts';
import { Listing } from '../listing.ts';
import {
  type Component,
  defineMethod,
  type Method,
  type MethodError,
  type MethodExample,
  type MethodRequest,
} from '../method.ts';
import { accessToken, wholeNumber } from '../parameters.ts';
import { type Field, rowsSchema, showRow } from './fields.ts';
import {
  defaultLimit,
  type ListParams,
  type ListRequest,
  mostLimit,
  mostOffset,
  readListRequest,
} from './list-request.ts';

/** For agents who act for a client: taken and ignored, an installation is nobody's agent. */
const userId = z.number().optional().describe('accepted and ignored');

/** The parameters of a Data API method: `user_id` is one of each. */
export function dataParams<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject({ access_token: accessToken, user_id: userId, ...shape });
}

const listShape = {
  limit: wholeNumber.min(0).max(mostLimit).default(defaultLimit).describe('rows of the page'),
  offset: wholeNumber.min(0).max(mostOffset).default(0).describe('rows before the page'),
  filter: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('`{field, operator, value}`, or `{filters, condition}` of such'),
  fields: z.array(z.unknown()).optional().describe('names of the fields wanted'),
  sort: z.array(z.unknown()).optional().describe('`[{field, order}]`, order `asc` or `desc`'),
};

type Page = { readonly rows: readonly ListRow[]; readonly total: number };

type ListDefinition<Shape extends z.ZodRawShape> = {
  readonly name: string;
  readonly component?: Component;
  readonly summary: string;
  readonly fields: readonly Field[];
  /** Parameters besides those of every list. */
  readonly shape?: Shape;
  readonly filterLevels?: number;
  readonly example?: MethodExample;
  readonly remarks?: string;
  /** Beside those that the parameters of every list may meet. */
  readonly errors?: readonly MethodError[];
  readonly extension?: true;
  readonly administration?: true;
} & (
  | {
      /** Every row, in the order of the ids: for lists that stay short. */
      rows(request: MethodRequest<z.output<z.ZodObject<Shape>>>): Promise<readonly ListRow[]>;
    }
  | {
      /** The page asked for. */
      page(request: MethodRequest<z.output<z.ZodObject<Shape>>>, list: ListRequest): Promise<Page>;
    }
);

/** A `get` method: filter, sort, fields, limit and offset of spec/data-api-subset.md section 2. */
export function defineList<Shape extends z.ZodRawShape = Record<never, never>>(
  definition: ListDefinition<Shape>,
): Method {
  const { name, summary, fields, filterLevels = 3, component = 'Data API' } = definition;
  const { example, remarks, extension, administration } = definition;
  return defineMethod({
    name,
    component,
    weight: 1,
    summary,
    params: dataParams({ ...listShape, ...definition.shape }) as z.ZodObject,
    result: rowsSchema(fields),
    fields,
    errors: [...listErrors(fields), ...(definition.errors ?? [])],
    ...(example !== undefined && { example }),
    ...(remarks !== undefined && { remarks }),
    ...(extension && { extension }),
    ...(administration && { administration }),

    async run(request) {
      const { timeZone } = request.caller.account;
      const list = readListRequest(request.params as ListParams, {
        fields,
        timeZone,
        filterLevels,
      });
      const typed = request as MethodRequest<z.output<z.ZodObject<Shape>>>;
      const { rows, total } =
        'page' in definition
          ? await definition.page(typed, list)
          : selectRows(await definition.rows(typed), list.query);
      return new Listing(
        rows.map((row) => showRow(row, list.fields, timeZone)),
        total,
      );
    },
  });
}

function listErrors(fields: readonly Field[]): readonly MethodError[] {
  return [
    { mnemonic: 'unexpected_parameters', when: 'no field of this name' },
    {
      mnemonic: 'invalid_parameter_value',
      when: 'an operator, value, pattern or depth that the filter does not take',
    },
    ...(fields.every(({ filter }) => filter)
      ? []
      : [{ mnemonic: 'filter_prohibited' as const, when: 'a field that is not for filtering' }]),
    ...(fields.every(({ sort }) => sort)
      ? []
      : [{ mnemonic: 'sort_prohibited' as const, when: 'a field that is not for sorting' }]),
  ];
}
