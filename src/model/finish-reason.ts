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
  | 'operator_channels_busy'
  | 'max_out_call_reached'
  | 'internal_error'
  | 'success_finish';
