/** The values of the Data API's `finish_reason` that this server uses: spec/data-api-subset.md. */
export type FinishReason =
  | 'no_success_operator_call'
  | 'no_success_subscriber_call'
  | 'operator_disconnects'
  | 'subscriber_disconnects'
  | 'no_operator_confirmation'
  | 'operator_not_responsible'
  | 'subscriber_not_responsible'
  | 'operator_busy'
  | 'subscriber_busy'
  | 'operator_number_problems'
  | 'subscriber_number_problems'
  | 'sip_offline'
  | 'timeout'
  | 'max_out_call_reached'
  | 'action_interval_exceeded'
  | 'locked_phone'
  | 'internal_error';
