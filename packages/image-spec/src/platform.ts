// SPDX-License-Identifier: Apache-2.0

import { describe, list, object, type Rule, string } from '@lading/document';
import { Code, LadingError } from '@lading/errors';

/**
 * What an image runs on; names as in Go's `GOOS` and `GOARCH`.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md#image-index-property-descriptions
 */
export interface Platform {
  /** REQUIRED: `amd64`, `arm64`, … */
  readonly architecture: string;
  /** REQUIRED: `linux`, `windows`, … */
  readonly os: string;
  /** The OS version that the image needs: `10.0.14393.1066`. */
  readonly 'os.version'?: string;
  /** Features of the OS that the image needs: `win32k`. */
  readonly 'os.features'?: readonly string[];
  /** Variant of the CPU: `v7` of arm, `v8` of arm64, `v3` of amd64. */
  readonly variant?: string;
}

export const platform: Rule<Platform> = object<Platform>(
  { architecture: string, os: string, 'os.version': string, 'os.features': list(string), variant: string },
  ['architecture', 'os'],
);

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
  ['armv6l', 'arm'],
  ['armv7l', 'arm'],
  ['loongarch64', 'loong64'],
  ['mipsel', 'mipsle'],
  ['mips64el', 'mips64le'],
]);

/** Go's name for an architecture that is named as Node, uname or Go does; unknown names pass in lower case. */
export function normalizeArchitecture(name: string): string {
  const lower = name.toLowerCase();
  return architectures.get(lower) ?? lower;
}

const defaultVariant: ReadonlyMap<string, string> = new Map([
  ['armel', 'v6'],
  ['armv6l', 'v6'],
  ['arm', 'v7'],
  ['armhf', 'v7'],
  ['armv7l', 'v7'],
]);
/** The variant that an architecture has without saying so; it is left out. */
const impliedVariant: ReadonlyMap<string, string> = new Map([
  ['arm64', 'v8'],
  ['amd64', 'v1'],
]);

/** One spelling for equal platforms: Go's names, `v8` not `8`, arm with its variant, arm64 without `v8`. */
export function normalizePlatform(platform: Platform): Platform {
  const { variant: _, ...rest } = platform;
  const architecture = normalizeArchitecture(platform.architecture);
  const lower = platform.os.toLowerCase();
  const given = platform.variant?.toLowerCase().replace(/^(?=\d)/, 'v');
  const variant = given || defaultVariant.get(platform.architecture.toLowerCase());
  const os = lower === 'macos' ? 'darwin' : lower;
  if (variant === undefined || variant === impliedVariant.get(architecture))
    return { ...rest, architecture, os };
  return { ...rest, architecture, os, variant };
}

const part = '[A-Za-z0-9_.-]{1,64}';
const grammar = new RegExp(`^(${part})(?:\\(([A-Za-z0-9_.+-]{1,64})\\))?/(${part})(?:/(${part}))?$`);

/**
 * Reads `os/architecture[/variant]`, as in `linux/arm64/v8`; the OS may carry its version:
 * `windows(10.0.17763)/amd64`. The result is normalized.
 *
 * @throws LadingError `invalid_argument`
 */
export function parsePlatform(text: string): Platform {
  const [, os, version, architecture, variant] = grammar.exec(text) ?? [];
  if (os === undefined || architecture === undefined) {
    throw new LadingError(
      Code.InvalidArgument,
      `${describe(text)} is not a platform: write os/architecture[/variant], as in linux/arm64/v8`,
    );
  }
  return normalizePlatform({
    architecture,
    os,
    ...(version === undefined ? {} : { 'os.version': version }),
    ...(variant === undefined ? {} : { variant }),
  });
}

/** `os[(version)]/architecture[/variant]`, normalized. */
export function formatPlatform(platform: Platform): string {
  const { os, architecture, variant, 'os.version': version } = normalizePlatform(platform);
  return `${os}${version ? `(${version})` : ''}/${architecture}${variant ? `/${variant}` : ''}`;
}
