// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, usageError } from '@lading/command-line';
import { quote } from '@lading/go-template';
import { splitPair } from './key-value.ts';

const proxies = ['http_proxy', 'https_proxy', 'ftp_proxy', 'no_proxy'].flatMap((name) => [
  name,
  name.toUpperCase(),
]);

/** `--env-host`, or what `--http-proxy` takes from the caller's environment. */
export function readHostVariables({ flags, environment }: CommandCall): Record<string, string> {
  const isWanted = (name: string): boolean =>
    flags.boolean('env-host') || (flags.boolean('http-proxy') && proxies.includes(name));
  return Object.fromEntries(
    Object.entries(environment.env).flatMap(([name, value]) =>
      value !== undefined && isWanted(name) ? [[name, value]] : [],
    ),
  );
}

/**
 * `--env-merge NAME=TEXT`, where `$OTHER` and `${OTHER}` are variables of the image. Only for what the image has itself,
 * as with podman.
 */
export function mergeImageVariables(
  lines: readonly string[],
  texts: readonly string[],
): Record<string, string> {
  const ofImage = new Map(lines.map(splitPair));
  return Object.fromEntries(
    texts.flatMap((text) => {
      const [name, value] = splitPair(text);
      if (name === '' || value === undefined)
        throw usageError(`invalid --env-merge ${quote(text)}: use NAME=TEXT`);
      const merged = value.replace(
        /\$(?:\{(\w+)\}|(\w+))/g,
        (_whole, braced?: string, bare?: string) => ofImage.get(braced ?? bare ?? '') ?? '',
      );
      return ofImage.has(name) ? [[name, merged]] : [];
    }),
  );
}
