// SPDX-License-Identifier: Apache-2.0
import { usageError } from '@lading/command-line';
import { Code, LadingError } from '@lading/errors';
import { countBaseLayers, type Image, type TarFileTimes } from '@lading/image-edit';
import { timeOf } from './image-changes.ts';

const members = ['filename', 'set', 'from-label', 'after', 'base-layers', 'base-ref'] as const;

/**
 * Reads a value of `--file-tar-time`: `filename=PATH,set=TIME` and so on. The time may be one that the image knows, and
 * `readBase` reads the image that this one was made on.
 */
export function tarFileTimes(
  text: string,
  readBase: (reference: string, image: Image) => Promise<Image>,
): (image: Image) => Promise<TarFileTimes> {
  const refused = (what: string): Error => usageError(`--file-tar-time ${text}: ${what}`);
  const given = new Map<string, string>();
  for (const word of text.split(',')) {
    const [, name = '', value = ''] = /^([a-z-]+)=(.*)$/s.exec(word) ?? [];
    if (!members.some((member) => member === name) || value === '')
      throw refused(`"${word}" is none of ${members.join('=, ')}=`);
    given.set(name, value);
  }
  const path = given.get('filename');
  const [set, label] = [given.get('set'), given.get('from-label')];
  if (path === undefined) throw refused('name a file with filename=PATH');
  if ((set === undefined) === (label === undefined))
    throw refused('give one of set=TIME and from-label=LABEL');
  const [layers, base] = [given.get('base-layers'), given.get('base-ref')];
  if (layers !== undefined && base !== undefined)
    throw refused('give one of base-layers=N and base-ref=IMAGE');
  if (layers !== undefined && !/^\d{1,6}$/.test(layers)) throw refused('base-layers is a number');
  const after = timeOf(given.get('after'), 'file-tar-time') ?? undefined;
  const time = timeOf(set, 'file-tar-time') ?? undefined;
  return async (image) => ({
    path,
    time: time ?? labelTime(image.reference, image.config.config?.Labels ?? {}, label ?? ''),
    after,
    baseLayers:
      base === undefined ? Number(layers ?? 0) : countBaseLayers(image, await readBase(base, image)),
  });
}

function labelTime(reference: string, labels: Readonly<Record<string, string>>, label: string): Date {
  const value = Object.hasOwn(labels, label) ? labels[label] : undefined;
  if (value !== undefined) return timeOf(value, 'file-tar-time') ?? new Date(0);
  throw new LadingError(Code.NotFound, `${reference} has no label ${JSON.stringify(label)}`);
}
