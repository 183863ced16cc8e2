/**
 * What an account may have or lack, by the client-facing names of spec/call-api.md section 8 and of the
 * Data API. All are on until they are switched off; a request that needs one that is off is answered
 * `component_disabled`.
 */
export const components = [
  'Call API Базовый набор',
  'Call API Управление вызовами',
  'Call API Информационный вызов',
  'Call API Вызов сценария',
  'Data API',
  'va',
  'Text-to-Speech',
  'Автоматическое управление номерами',
] as const;

type AnyComponent = (typeof components)[number];

/** Messages of type `tts`. */
export const speechComponent = 'Text-to-Speech' satisfies AnyComponent;

/** Every `virtual_phone_usage_rule` but `fixed`. */
export const numbersComponent = 'Автоматическое управление номерами' satisfies AnyComponent;
