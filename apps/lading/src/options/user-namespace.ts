// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { type Flags, usageError } from '@lading/command-line';
import type { ContainerOptions, IdMaps } from '@lading/engine';
import { quote } from '@lading/go-template';

type Maps = NonNullable<ContainerOptions['idMaps']>;
type IdMapping = IdMaps['uidMap'][number];

/** `--userns`, or `--uidmap` and its kin: the user namespace of a container, if it has one of its own. */
export async function readUserNamespace(
  flags: Flags,
): Promise<Pick<ContainerOptions, 'idMaps' | 'namespaces'>> {
  const mode = flags.string('userns') ?? '';
  const maps = await readMaps(flags);
  if (maps !== undefined) {
    if (mode !== '' && mode !== 'private') {
      throw usageError(`--userns ${quote(mode)} and --uidmap or its kin cannot be set together`);
    }
    return { idMaps: maps };
  }
  const [, other] = /^container:(.+)$/.exec(mode) ?? [];
  if (other !== undefined) return { namespaces: { user: `container:${other}` } };
  const idMaps = parseUserns(mode);
  return idMaps === undefined ? {} : { idMaps };
}

/** The word of `--userns`, without the maps of other flags. */
export function parseUserns(mode: string): Maps | undefined {
  if (mode === '' || mode === 'host') return undefined;
  const [kind, ...rest] = mode.split(':');
  const options = rest.join(':');
  if (kind === 'auto' && (options !== '' || mode === 'auto')) return { auto: parseAuto(options) };
  if (kind === 'keep-id' || kind === 'nomap') {
    throw usageError(`--userns ${kind} is for users without root's rights; use auto, or --uidmap`);
  }
  if (mode === 'private') throw usageError('--userns private needs --uidmap, --gidmap, or names of ranges');
  if (kind === 'ns') throw usageError('--userns ns: is not supported; use container:NAME, auto, or --uidmap');
  throw usageError(
    `unknown user namespace ${quote(mode)}: use auto, host, container:NAME, or private with --uidmap`,
  );
}

function parseAuto(text: string): Extract<Maps, { auto: object }>['auto'] {
  let size: number | undefined;
  const additionalUidMap: IdMapping[] = [];
  const additionalGidMap: IdMapping[] = [];
  for (const option of text === '' ? [] : text.split(',')) {
    const [key = '', value = ''] = option.split(/=(.*)/s);
    if (key === 'size' && /^[1-9]\d{0,9}$/.test(value)) size = Number(value);
    else if (key === 'uidmapping') additionalUidMap.push(parseMapping(value));
    else if (key === 'gidmapping') additionalGidMap.push(parseMapping(value));
    else {
      throw usageError(
        `unknown option ${quote(option)} of --userns auto: use size=N, uidmapping=CONTAINER:HOST:SIZE or gidmapping=CONTAINER:HOST:SIZE`,
      );
    }
  }
  return {
    ...(size !== undefined && { size }),
    ...(additionalUidMap.length > 0 && { additionalUidMap }),
    ...(additionalGidMap.length > 0 && { additionalGidMap }),
  };
}

async function readMaps(flags: Flags): Promise<IdMaps | undefined> {
  const ofFlag = (name: string): readonly IdMapping[] => flags.strings(name).map(parseMapping);
  const named = { uid: flags.string('subuidname') ?? '', gid: flags.string('subgidname') ?? '' };
  const uidMap = [...ofFlag('uidmap'), ...(await ownedBy('/etc/subuid', named.uid || named.gid))];
  const gidMap = [...ofFlag('gidmap'), ...(await ownedBy('/etc/subgid', named.gid || named.uid))];
  if (uidMap.length + gidMap.length === 0) return undefined;
  // What is said of one kind alone is meant of both.
  return {
    uidMap: uidMap.length > 0 ? uidMap : gidMap,
    gidMap: gidMap.length > 0 ? gidMap : uidMap,
  };
}

/** `CONTAINER:HOST[:SIZE]` */
export function parseMapping(text: string): IdMapping {
  const [, containerId, hostId, size = '1'] = /^(\d{1,10}):(\d{1,10})(?::(\d{1,10}))?$/.exec(text) ?? [];
  if (containerId === undefined || Number(size) === 0) {
    throw usageError(`invalid id map ${quote(text)}: use CONTAINER:HOST[:SIZE], three numbers`);
  }
  return { containerId: Number(containerId), hostId: Number(hostId), size: Number(size) };
}

async function ownedBy(path: string, name: string): Promise<readonly IdMapping[]> {
  if (name === '') return [];
  return parseRanges(await readFile(path, 'utf8').catch(() => ''), name, path);
}

/** The ranges that a file such as /etc/subuid gives to a name, from the container's root on. */
export function parseRanges(text: string, name: string, path: string): readonly IdMapping[] {
  const map: IdMapping[] = [];
  let containerId = 0;
  for (const line of text.split('\n')) {
    const [owner, first = '', count = ''] = line.trim().split(':');
    if (owner !== name || !/^\d{1,10}$/.test(first) || !/^[1-9]\d{0,9}$/.test(count)) continue;
    map.push({ containerId, hostId: Number(first), size: Number(count) });
    containerId += Number(count);
  }
  if (map.length === 0)
    throw usageError(`${path} has no range for ${quote(name)}; add a line NAME:FIRST:COUNT`);
  return map;
}
