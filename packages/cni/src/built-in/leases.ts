// SPDX-License-Identifier: Apache-2.0
import { linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { lockFile, makeFolders } from '@lading/linux';
import type { LeaseSettings } from './bridge-settings.ts';
import { type Ipv4, ipv4Text, parseIpv4 } from './ipv4.ts';
import type { Owner } from './owner.ts';

/** Whose an address is. */
export interface LeaseOwner extends Owner {
  readonly ifName: string;
}

const lastFile = 'last_reserved_ip.0';

/** Whose the next address is to be: written whole before it gets the address for a name, as who takes it may be killed. */
const nextFile = '.next';

/**
 * Takes a free address in the folder of the plugin `host-local`, by its rules: a file for each, with the owner in it, and
 * one after the other, so that an address rests for as long as it can before somebody else gets it.
 */
export async function takeLease(settings: LeaseSettings, owner: LeaseOwner): Promise<Ipv4> {
  const folder = join(settings.dataDir, owner.network);
  using _lock = await lock(folder, owner);
  for (const [name, text] of leasesIn(folder)) {
    const address = parseIpv4(name) ?? -1;
    if (address >= settings.first && address <= settings.last && isOf(text, owner)) {
      const message = `${name} has been allocated to ${owner.containerId}, which can have no second address`;
      throw new LadingError(Code.AlreadyExists, message);
    }
  }
  const next = join(folder, nextFile);
  rmSync(next, { force: true });
  try {
    writeFileSync(next, ownerText(owner), { flag: 'wx', mode: 0o600 });
    for (const address of candidates(settings, lastGiven(folder))) {
      const text = ipv4Text(address);
      if (!isNamed(next, join(folder, text))) continue;
      writeFileSync(join(folder, lastFile), text, { mode: 0o600 });
      return address;
    }
  } finally {
    rmSync(next, { force: true });
  }
  const { first, last } = settings;
  throw new LadingError(
    Code.ResourceExhausted,
    `no IP addresses available: all of ${ipv4Text(first)}-${ipv4Text(last)} are taken in ${folder}`,
  );
}

/** Gives back what somebody has. Any number of times. */
export async function dropLeases({ dataDir }: LeaseSettings, owner: LeaseOwner): Promise<void> {
  const folder = join(dataDir, owner.network);
  using _lock = await lock(folder, owner);
  rmSync(join(folder, nextFile), { force: true });
  for (const [name, text] of leasesIn(folder)) {
    if (isOf(text, owner)) rmSync(join(folder, name), { force: true });
  }
}

async function lock(folder: string, { signal }: LeaseOwner): Promise<Disposable> {
  makeFolders(folder, 0o755);
  return await lockFile(join(folder, 'lock'), {
    mode: 'exclusive',
    kind: 'flock',
    ...(signal && { signal }),
  });
}

/** All from the one after the last that was given, round to that one; never the gateway. */
function* candidates({ first, last, gateway }: LeaseSettings, given: Ipv4 | undefined): Iterable<Ipv4> {
  const count = last - first + 1;
  const start = given !== undefined && given >= first && given <= last ? given + 1 - first : 0;
  for (let i = 0; i < count; i++) {
    const address = first + ((start + i) % count);
    if (address !== gateway) yield address;
  }
}

function lastGiven(folder: string): Ipv4 | undefined {
  try {
    return parseIpv4(readFileSync(join(folder, lastFile), 'utf8'));
  } catch (error) {
    if (LadingError.from(error).reason === 'ENOENT') return undefined;
    throw error;
  }
}

/** Gives a file one more name; false where something has it. */
function isNamed(path: string, name: string): boolean {
  try {
    linkSync(path, name);
    return true;
  } catch (error) {
    if (LadingError.from(error).reason === 'EEXIST') return false;
    throw error;
  }
}

/** The plugin's own lines end as those of Windows. */
function ownerText({ containerId, ifName }: LeaseOwner): string {
  return `${containerId}\r\n${ifName}`;
}

/** Before there were interfaces in them, files held the container alone. */
function isOf(text: string, owner: LeaseOwner): boolean {
  return text === ownerText(owner) || text === owner.containerId;
}

/** Files that are named by an address, and what they hold. */
function leasesIn(folder: string): readonly (readonly [name: string, text: string])[] {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && parseIpv4(entry.name) !== undefined)
    .map(({ name }) => name);
  return names.map((name) => [name, readFileSync(join(folder, name), 'utf8').trim()]);
}
