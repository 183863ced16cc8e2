import type { ReportSql } from './report-columns.ts';

const isDataApi = `request.api_version = '2.0'`;
const status = `(CASE WHEN request.error_code IS NULL THEN 'success' ELSE 'failure' END)`;
const component = `(CASE WHEN ${isDataApi} THEN 'dataapi' ELSE 'callapi' END)`;

/** One row a request: spec/data-api-subset.md, get.api_requests. */
export const requestReport: ReportSql = {
  from: 'api_request AS request',
  table: 'api_request AS request',
  time: 'request.at',
  id: 'request.id',
  account: 'request.account_id',
  columns: {
    api_request_id: { sql: 'request.id' },
    token_name: { sql: 'request.key_label' },
    api_request_ip: { sql: 'request.ip' },
    employee_login: { sql: 'request.user_login' },
    call_session_id: { sql: 'request.call_session_id' },
    api_request_body: { sql: 'request.body' },
    api_request_method: { sql: 'request.method' },
    // The log has it as JSON, of which a long one was cut; the digits of a number are never rounded.
    api_request_raw_id: {
      sql: `CASE WHEN substr(request.raw_id, 1, 1) = '"' AND json_valid(request.raw_id)
        THEN request.raw_id ->> '$' ELSE request.raw_id END`,
    },
    api_request_status: {
      sql: `json_object('value', CASE WHEN request.error_code IS NULL THEN 'Успешен' ELSE 'Не успешен' END,
        'value_id', ${status})`,
      as: 'json',
      order: status,
      filter: status,
    },
    api_request_version: { sql: 'request.api_version' },
    api_request_is_agent: {
      sql: `json_object('value', 'Нет', 'value_id', json('false'))`,
      as: 'json',
      filter: '0',
    },
    api_request_component: {
      sql: `json_object('value', CASE WHEN ${isDataApi} THEN 'Data API' ELSE request.component END,
        'value_id', ${component})`,
      as: 'json',
      order: component,
      filter: component,
    },
    api_request_error_code: { sql: 'request.error_code' },
    api_request_raw_ext_id: { sql: 'request.external_id' },
    api_request_method_weight: { sql: 'request.weight' },
    api_request_error_mnemonic: { sql: 'request.error_mnemonic' },
    api_request_execution_time: { sql: 'round(request.execution_ms / 1000, 3)' },
    api_request_start_date_time: { sql: 'request.at / 1000', order: 'request.at' },
  },
};
