import { isIP } from 'node:net';
import { z } from 'zod';
import { normalNetwork, privateNetworks } from '../base/network.ts';
import { callerHeaders, placeholders, unknownPlaceholders } from '../model/caller-template.ts';
import { components } from '../model/component.ts';
import { digestAlgorithms } from '../model/registration.ts';
import { securitySchema } from './security-schema.ts';
import { speechSchema } from './speech-schema.ts';

/*
 * The configuration file, key by key. The description of a key says what is allowed, as the end of
 * "must be …": messages, `config print` and the checks all take it from here.
 */

/** What the descriptions leave out: values that must never be shown. */
export const secretKeys: ReadonlySet<string> = new Set([
  'password',
  'token',
  'api_key',
  'iam_token',
]);

const whole = (low: number, high: number, note = ''): z.ZodNumber =>
  z.int().min(low).max(high).describe(`a whole number from ${low} to ${high}${note}`);

const text = (what: string, pattern = /^[^\p{Cc}]+$/u): z.ZodString =>
  z.string().regex(pattern).describe(what);

const port = (fallback: number) => whole(0, 65_535, ' (0: any free one)').default(fallback);

const ipAddress = z
  .string()
  .refine((value) => isIP(value) !== 0)
  .describe('an IP address');

const network = z
  .string()
  .refine((value) => normalNetwork(value) !== undefined)
  .transform((value) => normalNetwork(value)!)
  .describe('an IP address or a network, as 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32');

const filePath = text('a path');

/** Written with or without quotes: YAML reads a bare one as a number. */
const digits = (what: string, pattern: RegExp) =>
  z
    .union([z.string(), z.int().min(0)])
    .transform(String)
    .pipe(z.string().regex(pattern))
    .describe(what);

const phoneNumber = digits(
  'a number in E.164 form without +, 7 to 15 digits, as 74993720692',
  /^[1-9][0-9]{6,14}$/,
);

const barred = digits(
  'a number as 79260000000, or the first digits of numbers and *, as "7809*"',
  /^(?:[1-9][0-9]{6,14}|[1-9][0-9]{0,13}\*)$/,
);

const timeZone = z
  .string()
  .refine(isTimeZone)
  .describe('an IANA time zone, as Europe/Moscow or Asia/Yekaterinburg');

/** Without the slash at its end. */
const publicUrl = z
  .string()
  .refine(isPublicUrl)
  .transform((value) => value.replace(/\/+$/, ''))
  .describe('a URL without a query, as https://calls.acme.example or https://acme.example/calls');

/** A host name or an IP address, IPv6 without brackets. */
const host = z
  .string()
  .refine((value) => isIP(value) !== 0 || /^(?!-)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.?$/.test(value))
  .describe('a host name or an IP address');

const seconds = (low: number, high: number, fallback: number) =>
  whole(low, high, ' (seconds)').default(fallback);

const srtp = z
  .enum(['off', 'optional', 'required'])
  .describe('off, optional (when the other side does, too) or required')
  .default('off');

const rtpLatching = z
  .enum(['auto', 'strict', 'always'])
  .describe('auto (where the announced address is a private one), strict (never) or always')
  .default('auto');

const codecs = z
  .array(z.enum(['PCMA', 'PCMU', 'G722', 'opus']).describe('PCMA, PCMU, G722 or opus'))
  .min(1)
  .refine((codecs) => new Set(codecs).size === codecs.length)
  .describe('a list of PCMA, PCMU, G722 and opus, each at most once, the preferred one first')
  .default(['PCMA', 'PCMU']);

const template = (what: string) =>
  z
    .string()
    .regex(/^[^\p{Cc}]{1,500}$/u)
    .refine((value) => unknownPlaceholders(value).length === 0)
    .describe(`${what}; filled in: ${placeholders.map((name) => `{${name}}`).join(' ')}`);

const callerId = z
  .strictObject({
    header: z
      .enum(['From', 'P-Asserted-Identity', 'Remote-Party-ID'])
      .describe('From, P-Asserted-Identity or Remote-Party-ID')
      .default('From'),
    form: z
      .enum(['digits', 'plus', 'national'])
      .describe(
        'digits (74993720692), plus (+74993720692) or national (84993720692, Russian numbers only)',
      )
      .default('digits'),
    from: template('the user part of From').optional(),
    headers: z
      .array(
        z.strictObject({
          name: z.enum(callerHeaders).describe(callerHeaders.join(', ')),
          value: template('the value of the header'),
        }),
      )
      .default([]),
    show_foreign: z.boolean().describe('true or false').default(true),
  })
  .prefault({});

const trunk = z.strictObject({
  name: text('a name of letters, digits, "-" and "_"', /^[\w-]{1,64}$/),
  host,
  port: whole(1, 65_535).optional(),
  domain: host.optional(),
  transport: z
    .enum(['udp', 'tcp', 'tls', 'auto'])
    .describe('udp, tcp, tls or auto (as the DNS says)')
    .default('udp'),
  ca: filePath.describe('the path of a PEM file').optional(),
  insecure: z.boolean().describe('true or false').default(false),
  large_by_tcp: z.boolean().describe('true or false').default(false),
  username: text('a text').optional(),
  password: text('a text').optional(),
  realm: text('a text').optional(),
  codecs,
  srtp,
  rtp_latching: rtpLatching,
  caller_id: callerId,
  priority: whole(0, 65_535, ' (the lowest is tried first)').default(0),
  weight: whole(0, 65_535, ' (its share among trunks of one priority)').default(1),
  max_channels: whole(1, 100_000).optional(),
  max_calls_per_second: whole(1, 10_000).optional(),
  no_response_seconds: whole(1, 60, ' (seconds)').default(5),
  register: z.boolean().describe('true or false').default(false),
  register_seconds: seconds(60, 86_400, 600),
  options_seconds: whole(0, 3600, ' (seconds; 0: never)').default(60),
  prefixes: z
    .array(digits('the first digits of numbers, as 7 or 7495; "" serves all', /^[0-9]{0,15}$/))
    .min(1)
    .describe('a list of the first digits of numbers; [""] serves all')
    .default(['']),
});

const listener = z.strictObject({
  transport: z.enum(['udp', 'tcp', 'tls']).describe('udp, tcp or tls'),
  host: ipAddress.optional(),
  port: whole(0, 65_535, ' (0: any free one)').optional(),
  public_address: ipAddress.optional(),
  certificate: filePath.describe('the path of a PEM file').optional(),
  key: filePath.describe('the path of a PEM file').optional(),
});

const account = z.strictObject({
  name: text('a name of up to 100 characters', /^[^\p{Cc}]{1,100}$/u),
  time_zone: timeZone.default('Europe/Moscow'),
  limits: z
    .strictObject({
      points_per_minute: whole(1, 1_000_000).default(600),
      points_per_day: whole(1, 1_000_000_000).default(100_000),
      tts_max_length: whole(1, 100_000).default(1000),
    })
    .prefault({}),
  users: z
    .array(
      z.strictObject({
        login: text('a login of up to 100 characters', /^[^\p{Cc}]{1,100}$/u),
        password: text('a text of 8 to 256 characters', /^[^\p{Cc}]{8,256}$/u),
        call_api: z.boolean().describe('true or false').default(true),
        data_api: z.boolean().describe('true or false').default(true),
        administration: z.boolean().describe('true or false').default(false),
      }),
    )
    .default([]),
  keys: z
    .array(
      z.strictObject({
        token: text('24 to 256 letters, digits and signs without a space', /^[\x21-\x7e]{24,256}$/),
        user: text('the login of a user of this account'),
        label: text('a text', /^[^\p{Cc}]*$/u).default(''),
        expires: z
          .union([z.iso.date(), z.iso.datetime({ offset: true })])
          .describe('a date (2027-01-31, from 00:00 UTC) or an instant (2027-01-31T12:00:00+03:00)')
          .optional(),
      }),
    )
    .default([]),
  numbers: z
    .array(
      z.strictObject({
        number: phoneNumber,
        label: text('a text', /^[^\p{Cc}]*$/u).default(''),
        active: z.boolean().describe('true or false').default(true),
      }),
    )
    .default([]),
  media: z
    .array(
      z.strictObject({
        id: whole(1, 2_147_483_647).optional(),
        name: text('a text of up to 200 characters', /^[^\p{Cc}]{1,200}$/u),
        path: filePath.describe('the path of a WAV, MP3, Ogg Opus or FLAC file'),
        normalize: z.boolean().describe('true or false').default(false),
      }),
    )
    .default([]),
  blacklist: z.array(barred).default([]),
  allow_list: z.array(network).default([]),
  security: securitySchema,
  disabled_components: z
    .array(z.enum(components).describe(`one of ${components.join(', ')}`))
    .describe('a list of components that are switched off')
    .optional(),
});

export const configSchema = z.strictObject({
  sandbox: z.boolean().describe('true or false').optional(),
  http: z
    .strictObject({
      host: host.default('127.0.0.1'),
      port: port(8080),
      tls: z
        .strictObject({
          certificate: filePath.describe('the path of a PEM file'),
          key: filePath.describe('the path of a PEM file'),
        })
        .optional(),
      trusted_proxies: z.array(network).default([]),
      forwarded_header: z
        .enum(['X-Forwarded-For', 'Forwarded'])
        .describe('X-Forwarded-For or Forwarded')
        .default('X-Forwarded-For'),
      public_url: publicUrl.optional(),
    })
    .prefault({}),
  sip: z
    .strictObject({
      transport: z.enum(['udp']).describe('udp').default('udp'),
      host: ipAddress.optional(),
      port: port(5060),
      public_address: ipAddress.optional(),
      listen: z.array(listener).default([]),
      session_expires: z
        .union([z.literal(0), z.int().min(90).max(86_400)])
        .describe('0 or a whole number from 90 to 86400 (seconds)')
        .default(1800),
    })
    .prefault({}),
  rtp: z
    .strictObject({
      host: ipAddress.optional(),
      public_address: ipAddress.optional(),
      port_min: whole(1024, 65_534).default(10_000),
      port_max: whole(1025, 65_535).default(20_000),
      workers: z
        .union([z.literal('auto'), z.int().min(1).max(64)])
        .describe('auto or a whole number from 1 to 64')
        .default('auto'),
    })
    .prefault({}),
  trunks: z.array(trunk).default([]),
  lines: z
    .strictObject({
      networks: z.array(network).default([...privateNetworks]),
      least_seconds: seconds(1, 86_400, 60),
      usual_seconds: seconds(1, 86_400, 300),
      most_seconds: seconds(1, 86_400, 3600),
      digest_algorithms: z
        .array(z.enum(digestAlgorithms).describe('SHA-256 or MD5'))
        .min(1)
        .refine((algorithms) => new Set(algorithms).size === algorithms.length)
        .describe('a list of SHA-256 and MD5, each at most once, the preferred one first')
        .default([...digestAlgorithms]),
      codecs,
      srtp,
      rtp_latching: rtpLatching,
    })
    .prefault({}),
  calls: z
    .strictObject({
      operator_ring_seconds: seconds(1, 300, 60),
      contact_ring_seconds: seconds(1, 300, 30),
      confirmation_seconds: seconds(1, 300, 30),
      max_call_minutes: whole(1, 1440, ' (minutes)').default(180),
      silence_seconds: whole(0, 3600, ' (seconds; 0: never)').default(60),
      shutdown_seconds: seconds(0, 3600, 30),
    })
    .prefault({}),
  speech: speechSchema,
  media: z
    .strictObject({
      upload_mb: whole(1, 256, ' (MiB)').default(64),
      link_minutes: whole(1, 10_080, ' (minutes)').default(60),
    })
    .prefault({}),
  retention: z
    .strictObject({
      api_request_days: whole(1, 36_500, ' (days)').default(90),
      call_journal_days: whole(1, 36_500, ' (days)').default(30),
    })
    .prefault({}),
  api: z
    .strictObject({
      weights: z
        .array(
          z.strictObject({
            method: text('the name of a method, as list.calls', /^[a-z_]+\.[a-z_]+$/),
            points: whole(0, 1_000_000),
          }),
        )
        .default([]),
    })
    .prefault({}),
  data_folder: filePath.default('./data'),
  log: z
    .strictObject({
      level: z
        .enum(['debug', 'info', 'warn', 'error'])
        .describe('debug, info, warn or error')
        .default('info'),
      pretty: z
        .union([z.boolean(), z.literal('auto')])
        .describe('true, false or auto')
        .default('auto'),
    })
    .prefault({}),
  bootstrap: z.strictObject({ accounts: z.array(account).default([]) }).prefault({}),
});

/** The file with defaults filled in, in its own names. */
export type ConfigValues = z.output<typeof configSchema>;

function isPublicUrl(value: string): boolean {
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol)) return false;
  return url.search === '' && url.hash === '' && url.username === '' && !value.endsWith('?');
}

function isTimeZone(value: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return true;
  } catch {
    return false;
  }
}
