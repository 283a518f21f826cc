// SPDX-License-Identifier: Apache-2.0
import { describe } from '@lading/document';
import { Code, LadingError } from '@lading/errors';
import { normalizeArchitecture, normalizePlatform } from './normalize-platform.ts';
import type { Platform } from './platform.ts';

const part = '[A-Za-z0-9_.-]{1,64}';
const option = '[A-Za-z0-9_.%-]{1,256}';
const grammar = new RegExp(
  `^(${part})(?:\\((${option})?((?:\\+${option}){0,64})\\))?(?:/(${part})(?:/(${part}))?)?$`,
);

/** Of Go, beside those that have an alias. */
const knownSystems: ReadonlySet<string> = new Set(
  'aix android darwin dragonfly freebsd hurd illumos ios js linux macos nacl netbsd openbsd plan9 solaris wasip1 windows zos'.split(
    ' ',
  ),
);
const knownArchitectures: ReadonlySet<string> = new Set(
  '386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm'.split(
    ' ',
  ),
);

/**
 * Reads `os/architecture[/variant]`, as in `linux/arm64/v8`; the OS may carry its version and features:
 * `windows(10.0.17763+win32k)/amd64`, with `%` escapes as in URLs. The result is normalized.
 *
 * @param local what an OS or an architecture alone is filled up from; without it, both must be there
 * @throws LadingError `invalid_argument`
 */
export function parsePlatform(text: string, local?: Platform): Platform {
  const [, first, version, features, second, variant] = grammar.exec(text) ?? [];
  if (first === undefined) throw fault(text);
  const options = {
    ...(version === undefined ? {} : { 'os.version': unescapeOption(text, version) }),
    ...(features
      ? {
          'os.features': features
            .slice(1)
            .split('+')
            .map((feature) => unescapeOption(text, feature)),
        }
      : {}),
  };
  if (second !== undefined) {
    return normalizePlatform({
      os: first,
      architecture: second,
      ...options,
      ...(variant === undefined ? {} : { variant }),
    });
  }
  if (local === undefined) throw fault(text);
  if (knownSystems.has(first.toLowerCase())) {
    const { architecture, variant: own } = local;
    return normalizePlatform({
      os: first,
      architecture,
      ...options,
      ...(own === undefined ? {} : { variant: own }),
    });
  }
  if (first !== text || !knownArchitectures.has(normalizeArchitecture(first))) throw fault(text);
  return normalizePlatform({ os: local.os, architecture: first });
}

/** `os[(version+feature)]/architecture[/variant]`, normalized. */
export function formatPlatform(platform: Platform): string {
  const { os, architecture, variant, ...needs } = normalizePlatform(platform);
  const options = [needs['os.version'] ?? '', ...(needs['os.features'] ?? [])].map(escapeOption).join('+');
  return `${os}${options === '' ? '' : `(${options})`}/${architecture}${variant === undefined ? '' : `/${variant}`}`;
}

function escapeOption(value: string): string {
  return encodeURIComponent(value.toWellFormed()).replace(
    /[!'()*~]/g,
    (char) => `%${char.charCodeAt(0).toString(16)}`,
  );
}

function unescapeOption(text: string, value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw fault(text);
  }
}

function fault(text: string): LadingError {
  return new LadingError(
    Code.InvalidArgument,
    `${describe(text)} is not a platform: write os/architecture[/variant], as in linux/arm64/v8`,
  );
}
