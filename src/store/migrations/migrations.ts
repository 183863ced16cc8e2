import type { Migration } from 'kysely/migration';
import { initial } from './0001-initial.ts';
import { access } from './0002-access.ts';
import { numbers } from './0003-numbers.ts';
import { dataApi } from './0004-data-api.ts';
import { media } from './0005-media.ts';
import { minutes } from './0006-minutes.ts';
import { mediaLinks } from './0007-media-links.ts';
import { administration } from './0008-administration.ts';
import { noAudio } from './0010-no-audio.ts';
import { legQuality } from './0011-leg-quality.ts';

/** Every step from an empty database to the present one; applied in the order of the names. */
export const migrations: Record<string, Migration> = {
  '0001-initial': initial,
  '0002-access': access,
  '0003-numbers': numbers,
  '0004-data-api': dataApi,
  '0005-media': media,
  '0006-minutes': minutes,
  '0007-media-links': mediaLinks,
  '0008-administration': administration,
  '0010-no-audio': noAudio,
  '0011-leg-quality': legQuality,
};
