import { z } from 'zod';

const text = (what: string, pattern = /^[^\p{Cc}]+$/u): z.ZodString =>
  z.string().regex(pattern).describe(what);

const name = text('a name of letters, digits, "-" and "_"', /^[\w-]{1,64}$/);
const language = text('a language, as ru or en', /^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/);
const voice = text('a voice by the name that the engine has for it');
const path = text('a path that begins with /', /^\/[!-~]*$/);
const rate = z.number().min(0.5).max(2).describe('a number from 0.5 (slow) to 2 (fast)');
const timeout = z.int().min(1).max(8).describe('a whole number from 1 to 8 (seconds)');

const url = z
  .string()
  .refine(isServiceUrl)
  .describe('a URL, as http://127.0.0.1:5000, without a user and password in it');

/** Keys of all types; `speech-checks.ts` says which belong to which. */
const engine = z.strictObject({
  type: z
    .enum(['espeak-ng', 'espeak-ng-wasm', 'openai', 'piper', 'yandex', 'command'])
    .describe('espeak-ng, espeak-ng-wasm, openai, piper, yandex or command'),
  name: name.optional(),
  languages: z.array(language).describe('a list of languages, as [ru, en]; [] for any').default([]),
  voice: voice.optional(),
  rate: rate.optional(),
  timeout_seconds: timeout.optional(),
  url: url.optional(),
  path: path.optional(),
  api_key: text('a text').optional(),
  iam_token: text('a text').optional(),
  folder_id: text('a text').optional(),
  model: text('a text').optional(),
  format: z.enum(['wav', 'pcm']).describe('wav or pcm').optional(),
  pcm_rate: z.int().min(4_000).max(192_000).describe('samples a second, as 24000').optional(),
  command: z
    .array(text('a text'))
    .min(1)
    .describe('a list of a program and its arguments, as [say, "--voice", "{voice}"]')
    .optional(),
});

const override = z.strictObject({
  for: z
    .strictObject({
      account: text('the name of an account').optional(),
      language: language.optional(),
    })
    .prefault({}),
  language: language.optional(),
  engines: z.array(name).min(1).describe('a list of names of engines').optional(),
  voice: voice.optional(),
  rate: rate.optional(),
});

/** `speech`: what speaks the messages of type `tts`. */
export const speechSchema = z
  .strictObject({
    engines: z.array(engine).prefault([{ type: 'espeak-ng' }, { type: 'espeak-ng-wasm' }]),
    overrides: z.array(override).default([]),
    language: z
      .union([z.literal('auto'), language])
      .describe('auto (found from the text) or a language, as ru or en')
      .default('auto'),
    voice: voice.optional(),
    rate: rate.default(1),
    timeout_seconds: timeout.default(4),
    cache_mb: z
      .int()
      .min(16)
      .max(1_000_000)
      .describe('a whole number from 16 to 1000000 (megabytes)')
      .default(256),
  })
  .prefault({});

/** `speech` with defaults filled in, in the file's own names. */
export type SpeechValues = z.output<typeof speechSchema>;

function isServiceUrl(value: string): boolean {
  const parsed = URL.parse(value);
  return (
    parsed !== null &&
    /^https?:$/.test(parsed.protocol) &&
    parsed.username + parsed.password + parsed.search + parsed.hash === ''
  );
}
