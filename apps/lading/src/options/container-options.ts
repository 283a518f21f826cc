// SPDX-License-Identifier: Apache-2.0
import { statSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { type CommandCall, type Flags, usageError } from '@lading/command-line';
import type { ContainerOptions } from '@lading/engine';
import { quote } from '@lading/go-template';
import { parseSignal } from '../output/signal-name.ts';
import { checkCgroups } from './control-groups.ts';
import { parseDeviceRule, readDeviceFlags } from './devices.ts';
import { readEnvironmentFlags } from './environment-variables.ts';
import { readHealthFlags } from './health.ts';
import { readHostVariables } from './host-variables.ts';
import { readInit } from './init.ts';
import { requireValue } from './key-value.ts';
import { readLabels } from './label-files.ts';
import { parseUlimit, readResourceFlags } from './limits.ts';
import { readLogOptions } from './log-options.ts';
import { readMountFlags } from './mounts.ts';
import { readNamespaces } from './namespaces.ts';
import { readNetworks } from './networks.ts';
import { readPublishFlags } from './ports.ts';
import { readProcessOptions } from './process-options.ts';
import { readRestartPolicy } from './restart-policy.ts';
import { parseSecret } from './secrets.ts';
import { readSecurity } from './security.ts';
import { parseSize } from './size.ts';
import { readStorageOptions } from './storage-options.ts';
import { parseSysctl } from './sysctls.ts';
import { readTimezone } from './timezone.ts';
import { readUserNamespace } from './user-namespace.ts';
import { readWorkdir } from './workdir.ts';

/** The flags and words of `create` and `run` as a container; everything is checked before anything is made. */
export async function readContainerOptions(call: CommandCall): Promise<ContainerOptions> {
  const { flags, args } = call;
  const [image = '', ...command] = args;
  const text = (name: string): string | undefined => flags.string(name) || undefined;
  const name = text('name');
  const user = text('user');
  const hostname = text('hostname');
  const stopSignal = text('stop-signal');
  if (stopSignal !== undefined) parseSignal(stopSignal);
  const networks = readNetworks(flags);
  const workdir = readWorkdir(flags);
  const entrypoint = flags.string('entrypoint');
  const portMappings = await readPublishFlags(flags.strings('publish'));
  const userNamespace = await readUserNamespace(flags);
  const namespaces = { ...readNamespaces(flags), ...userNamespace.namespaces };
  const cgroupParent = text('cgroup-parent');
  const oomScoreAdj = readOomScoreAdj(flags);
  const devices = await readDeviceFlags(flags);
  const requires = flags.strings('requires');
  const deviceRules = flags.strings('device-cgroup-rule').map(parseDeviceRule);
  const secrets = flags.strings('secret').map(parseSecret);
  checkCgroups(flags);
  return {
    ...(flags.boolean('rootfs') ? { image: '', rootfs: readRootfs(image, call.environment.cwd) } : { image }),
    // The image is fetched before: the flags that say how are not the engine's.
    pull: 'never',
    ...(name === undefined ? {} : { name }),
    ...(user === undefined ? {} : { user }),
    ...(hostname === undefined ? {} : { hostname }),
    ...(stopSignal === undefined ? {} : { stopSignal }),
    ...networks,
    ...(workdir === undefined ? {} : { workdir }),
    ...(entrypoint === undefined ? {} : { entrypoint: parseEntrypoint(entrypoint) }),
    ...(command.length === 0 ? {} : { command }),
    ...(flags.given('stop-timeout') ? { stopTimeoutMs: (flags.number('stop-timeout') ?? 10) * 1000 } : {}),
    ...(portMappings.length === 0 ? {} : { portMappings }),
    ...(cgroupParent === undefined ? {} : { cgroupParent }),
    ...(oomScoreAdj === undefined ? {} : { oomScoreAdj }),
    ...devices,
    ...(deviceRules.length === 0 ? {} : { deviceRules }),
    ...readSecurity(call),
    ...readInit(call),
    ...userNamespace,
    ...(Object.keys(namespaces).length === 0 ? {} : { namespaces }),
    additionalGroups: flags.strings('group-add'),
    ...readLogOptions(call),
    ...readProcessOptions(call),
    ...readRestartPolicy(flags),
    ...readHealthFlags(flags),
    ...readStorageOptions(flags.strings('storage-opt')),
    ...(secrets.length === 0 ? {} : { secrets }),
    ...(requires.length === 0 ? {} : { requires }),
    env: { ...readHostVariables(call), ...(await readEnvironmentFlags(call)) },
    mounts: [...(await readMountFlags(call)), ...readTimezone(flags)],
    imageVolumes: readImageVolumes(flags),
    labels: await readLabels(call),
    annotations: Object.fromEntries(
      flags.strings('annotation').map((text) => requireValue('annotation', text)),
    ),
    sysctls: Object.fromEntries(flags.strings('sysctl').map(parseSysctl)),
    dns: {
      servers: flags.strings('dns').map(checkDns),
      searches: flags.strings('dns-search'),
      options: flags.strings('dns-option'),
    },
    extraHosts: flags.strings('add-host').map(parseHost),
    resources: await readResourceFlags(flags),
    rlimits: flags.strings('ulimit').map(parseUlimit),
    // podman's default is read in steps of 1000, unlike the flag.
    shmSizeBytes: flags.given('shm-size') ? parseSize(flags.string('shm-size') ?? '') : 65_536_000,
    readOnlyRootfs: flags.boolean('read-only'),
    terminal: flags.boolean('tty'),
    stdin: flags.boolean('interactive'),
    // A terminal has no end of input, and must be there for who attaches again.
    stdinOnce: flags.boolean('interactive') && !flags.boolean('tty'),
    autoRemove: flags.boolean('rm'),
  };
}

/** `PATH`, `PATH:O` or `PATH:idmap`. */
function readRootfs(text: string, cwd: string): NonNullable<ContainerOptions['rootfs']> {
  const [, option = ''] = /:(O|idmap)$/.exec(text) ?? [];
  const path = resolve(cwd, option === '' ? text : text.slice(0, -option.length - 1));
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    throw usageError(
      `--rootfs ${quote(text)}: there is no folder ${path}; it can be followed by :O or :idmap only`,
    );
  }
  return { path, overlay: option === 'O', ...(option === 'idmap' && { idMapped: true }) };
}

function readOomScoreAdj(flags: Flags): number | undefined {
  if (!flags.given('oom-score-adj')) return undefined;
  const score = flags.int('oom-score-adj') ?? 0;
  if (Math.abs(score) > 1000) throw usageError(`invalid --oom-score-adj ${score}: use -1000 to 1000`);
  return score;
}

function readImageVolumes(flags: Flags): 'volume' | 'tmpfs' | 'ignore' {
  const choice = flags.string('image-volume') ?? 'anonymous';
  // podman's older word.
  if (choice === 'anonymous' || choice === 'bind') return 'volume';
  if (choice === 'tmpfs' || choice === 'ignore') return choice;
  throw usageError(`invalid --image-volume ${quote(choice)}: use anonymous, tmpfs or ignore`);
}

/** A JSON list of words, or one word; the empty text clears the image's. */
export function parseEntrypoint(text: string): readonly string[] {
  if (text === '') return [];
  if (!text.startsWith('[')) return [text];
  let words: unknown;
  try {
    words = JSON.parse(text);
  } catch {
    // As podman does: what is no JSON is the name of a program.
    return [text];
  }
  return Array.isArray(words) && words.every((word) => typeof word === 'string') ? words : [text];
}

export function checkDns(server: string): string {
  if (isIP(server) === 0) throw usageError(`${server} is not an ip address`);
  return server;
}

export function parseHost(text: string): { hostname: string; ip: string } {
  const colon = text.indexOf(':');
  const hostname = text.slice(0, Math.max(0, colon));
  const ip = text.slice(colon + 1).replace(/^\[|\]$/g, '');
  if (hostname === '') throw usageError(`unable to parse hostname entry ${quote(text)}: use NAME:IP`);
  if (isIP(ip) === 0) throw usageError(`invalid IP address in add-host: ${quote(ip)}`);
  return { hostname, ip };
}
