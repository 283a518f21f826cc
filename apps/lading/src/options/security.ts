// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type CommandCall, usageError } from '@lading/command-line';
import type { ContainerOptions } from '@lading/engine';
import { quote } from '@lading/go-template';

type Security = Partial<ContainerOptions>;
type SecurityOptions = Pick<
  ContainerOptions,
  'apparmor' | 'mask' | 'noNewPrivileges' | 'procOptions' | 'seccomp' | 'unmask'
>;

/** `--privileged`, `--cap-add`, `--cap-drop` and all of `--security-opt`. */
export function readSecurity({ flags, environment }: CommandCall): Security {
  const policy = flags.string('seccomp-policy') ?? 'default';
  if (policy !== 'default') {
    throw usageError(`invalid seccomp policy ${quote(policy)}: lading has "default"`);
  }
  return {
    privileged: flags.boolean('privileged'),
    capabilities: { add: flags.strings('cap-add'), drop: flags.strings('cap-drop') },
    ...readSecurityOptions(flags.strings('security-opt'), environment.cwd),
  };
}

/** All of `--security-opt`. */
export function readSecurityOptions(texts: readonly string[], cwd: string): SecurityOptions {
  const all = texts.map((text) => parseOption(text, cwd));
  const mask = all.flatMap((option) => option.mask ?? []);
  const unmask = all.flatMap((option) => option.unmask ?? []);
  return Object.assign({}, ...all, mask.length > 0 && { mask }, unmask.length > 0 && { unmask });
}

function readableProfile(path: string): string {
  if (existsSync(path)) return path;
  throw usageError(`opening seccomp profile failed: open ${path}: no such file or directory`);
}

function parseOption(text: string, cwd: string): SecurityOptions {
  const [, name = text, value] = /^([^=:]+)[=:](.*)$/s.exec(text) ?? [];
  switch (name) {
    case 'no-new-privileges':
      if (value !== undefined && value !== 'true' && value !== 'false') break;
      return { noNewPrivileges: value !== 'false' };
    case 'seccomp':
      if (!value) break;
      return { seccomp: value === 'unconfined' ? value : { path: readableProfile(resolve(cwd, value)) } };
    case 'apparmor':
      if (!value) break;
      return { apparmor: value === 'unconfined' ? value : { profile: value } };
    case 'mask':
      if (value === undefined) break;
      return { mask: paths(value) };
    case 'unmask':
      if (value === undefined) break;
      return { unmask: value === 'ALL' ? [value] : paths(value) };
    case 'proc-opts':
      if (!value) break;
      return { procOptions: value.split(',') };
    case 'label':
      if (!value) break;
      if (value !== 'disable' && existsSync('/sys/fs/selinux/enforce')) {
        throw usageError(`--security-opt ${quote(text)}: labels of SELinux are not given to containers`);
      }
      return {};
  }
  throw usageError(
    `invalid --security-opt ${quote(text)}: use apparmor=PROFILE, label=disable, mask=PATHS, no-new-privileges, proc-opts=OPTIONS, seccomp=FILE, or unmask=PATHS`,
  );
}

function paths(value: string): readonly string[] {
  const all = value.split(':');
  const wrong = all.find((path) => !path.startsWith('/'));
  if (wrong !== undefined) throw usageError(`the path ${quote(wrong)} to mask or unmask must be absolute`);
  return all;
}
