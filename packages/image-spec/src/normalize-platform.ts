// SPDX-License-Identifier: Apache-2.0
import type { Platform } from './platform.ts';

const architectures: ReadonlyMap<string, string> = new Map([
  ['x64', 'amd64'],
  ['x86_64', 'amd64'],
  ['x86-64', 'amd64'],
  ['ia32', '386'],
  ['i386', '386'],
  ['i486', '386'],
  ['i586', '386'],
  ['i686', '386'],
  ['aarch64', 'arm64'],
  ['armhf', 'arm'],
  ['armel', 'arm'],
  ['loongarch64', 'loong64'],
  ['mipsel', 'mipsle'],
  ['mips64el', 'mips64le'],
]);

/** As `uname -m` names 32-bit ARM: `armv7l`, `armv5tejl`. */
const armMachine = /^armv([5-8])[a-z]*$/;

/** Go's name for an architecture that is named as Node, uname or Go does; unknown names pass in lower case. */
export function normalizeArchitecture(name: string): string {
  const lower = name.toLowerCase();
  return architectures.get(lower) ?? (armMachine.test(lower) ? 'arm' : lower);
}

/** The variant that an architecture has without saying so; it is left out. */
const impliedVariant: ReadonlyMap<string, string> = new Map([
  ['arm64', 'v8'],
  ['amd64', 'v1'],
]);

/**
 * One spelling for equal platforms: Go's names, `v8` not `8` or `v8.0`, arm with its variant, arm64 without
 * `v8`, features sorted and each once.
 */
export function normalizePlatform(platform: Platform): Platform {
  const { variant: _, 'os.version': version, 'os.features': features, ...rest } = platform;
  const architecture = normalizeArchitecture(platform.architecture);
  const variant = variantOf(platform);
  const os = platform.os.toLowerCase();
  const needed = [...new Set(features)].filter((feature) => feature !== '').toSorted();
  return {
    ...rest,
    architecture,
    os: os === 'macos' ? 'darwin' : os,
    ...(version ? { 'os.version': version } : {}),
    ...(needed.length === 0 ? {} : { 'os.features': needed }),
    ...(variant === '' || variant === impliedVariant.get(architecture) ? {} : { variant }),
  };
}

/** The variant in full, or an empty text. */
function variantOf(platform: Platform): string {
  const name = platform.architecture.toLowerCase();
  // These names have a variant in them, which counts more than one beside them.
  const machine = armMachine.exec(name)?.[1];
  if (machine !== undefined) return `v${machine}`;
  if (name === 'armhf') return 'v7';
  if (name === 'armel') return 'v6';
  if (architectures.get(name) === '386') return '';
  const given = (platform.variant ?? '').toLowerCase().replace(/^(?=\d)/, 'v');
  return given === '' && name === 'arm' ? 'v7' : given.replace(/^(v\d+)\.0$/, '$1');
}
