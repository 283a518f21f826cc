// SPDX-License-Identifier: Apache-2.0
import { usageError } from '@lading/command-line';
import { quote } from '@lading/go-template';
import type { ImageChanges } from '@lading/image-edit';

/** The values of `--change`: instructions as in a Dockerfile. Later ones win. */
export function parseImageChanges(texts: readonly string[]): ImageChanges {
  let changes: ImageChanges = {};
  for (const text of texts) changes = { ...changes, ...changeOf(text, changes) };
  return changes;
}

function changeOf(text: string, before: ImageChanges): ImageChanges {
  const [, word = '', rest = ''] = /^\s*([a-zA-Z]+)[\s=]\s*(.*?)\s*$/s.exec(text) ?? [];
  if (rest === '') throw invalid(text);
  switch (word.toUpperCase()) {
    case 'CMD':
      return { cmd: wordsOf(rest) };
    case 'ENTRYPOINT':
      return { entrypoint: wordsOf(rest) };
    case 'ENV':
      return { env: { ...before.env, ...pairOf(rest, text) } };
    case 'LABEL':
      return { labels: { ...before.labels, ...pairOf(rest, text) } };
    case 'EXPOSE':
      return { exposedPorts: { ...before.exposedPorts, [rest.includes('/') ? rest : `${rest}/tcp`]: true } };
    case 'VOLUME':
      return {
        volumes: { ...before.volumes, ...Object.fromEntries(pathsOf(rest).map((path) => [path, true])) },
      };
    case 'USER':
      return { user: rest };
    case 'WORKDIR':
      return { workingDir: rest };
    case 'STOPSIGNAL':
      return { stopSignal: rest };
    default:
      throw invalid(text);
  }
}

/** `["a","b"]`, or a line for a shell. */
function wordsOf(text: string): readonly string[] {
  return listOf(text) ?? ['/bin/sh', '-c', text];
}

function pathsOf(text: string): readonly string[] {
  return listOf(text) ?? text.split(/\s+/);
}

function listOf(text: string): readonly string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) && list.every((word) => typeof word === 'string') ? list : undefined;
  } catch {
    return undefined; // then it is for the shell, as in a Dockerfile
  }
}

/** `KEY=VALUE` or `KEY VALUE`. */
function pairOf(rest: string, text: string): Readonly<Record<string, string>> {
  const [, key, value = ''] = /^([^\s=]+)(?:=|\s+)(.*)$/s.exec(rest) ?? [];
  if (key === undefined) throw invalid(text);
  return { [key]: value.replace(/^"(.*)"$/s, '$1') };
}

function invalid(text: string): Error {
  return usageError(
    `invalid change ${quote(text)}: use CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, STOPSIGNAL, USER, VOLUME or WORKDIR, and its value`,
  );
}
