/**
 * What the Data API answers beyond the Call API's errors, word for word as the vendor documents it
 * (spec/data-api-subset.md section 3), slips of spelling included. Not here because nothing of this
 * server could answer them: `campaign_is_inactive`, `tariff_restrictions`, `parameter_component_disabled`,
 * `error`.
 */
export const dataCatalogue = {
  method_component_disabled: {
    code: -32008,
    message: 'You need at least on of the following components to access this method: {components}',
  },
  sort_prohibited: { code: -32602, message: 'Sort by parameter is prohibited' },
  filter_prohibited: { code: -32602, message: 'Filter by parameter is prohibited' },
  date_interval_limit_reached: {
    code: -32602,
    message: 'Max value of requested date interval is 3 months',
  },
  entity_not_found: { code: -32602, message: 'Entity not found' },
  dependency_error: { code: -32602, message: 'You have interdependet entities' },
  duplicate_entity: { code: -32602, message: 'Duplicate entity' },
  invalid_date_time: { code: -32602, message: 'Invalid date time' },
  data_limit_exceeded: { code: -32602, message: 'A new data limit has been exceeded' },
  already_in_use: { code: -32602, message: 'This value is already used by another entity' },
} as const satisfies Record<string, { code: number; message: string }>;
