// SPDX-License-Identifier: Apache-2.0
import { usageError } from '@lading/command-line';
import { Code, LadingError } from '@lading/errors';
import type { Image, TarFileTimes } from '@lading/image-edit';
import { timeOf } from './image-changes.ts';

const members = ['filename', 'set', 'from-label', 'after', 'base-layers'] as const;

/** Reads a value of `--file-tar-time`: `filename=PATH,set=TIME` and so on. The time may be one that the image knows. */
export function tarFileTimes(text: string): (image: Image) => TarFileTimes {
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
  const layers = given.get('base-layers') ?? '0';
  if (!/^\d{1,6}$/.test(layers)) throw refused('base-layers is a number');
  const after = timeOf(given.get('after'), 'file-tar-time') ?? undefined;
  const time = timeOf(set, 'file-tar-time') ?? undefined;
  return ({ reference, config }) => ({
    path,
    time: time ?? labelTime(reference, config.config?.Labels ?? {}, label ?? ''),
    after,
    baseLayers: Number(layers),
  });
}

function labelTime(reference: string, labels: Readonly<Record<string, string>>, label: string): Date {
  const value = Object.hasOwn(labels, label) ? labels[label] : undefined;
  if (value !== undefined) return timeOf(value, 'file-tar-time') ?? new Date(0);
  throw new LadingError(Code.NotFound, `${reference} has no label ${JSON.stringify(label)}`);
}
