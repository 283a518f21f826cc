// SPDX-License-Identifier: Apache-2.0
import { isIPv4, isIPv6 } from 'node:net';
import { type Flags, usageError } from '@lading/command-line';
import type { ContainerOptions, NetworkChoice } from '@lading/engine';
import { quote } from '@lading/go-template';
import { splitPairs } from './key-value.ts';

type Networks = Pick<ContainerOptions, 'network' | 'networks'>;

/** All of `--network`, with `--ip`, `--ip6`, `--mac-address` and `--network-alias` for the only one. */
export function readNetworks(flags: Flags): Networks {
  const texts = flags.strings('network').flatMap(splitNames);
  const ownFlags = readOwnFlags(flags);
  const hasOwn = Object.keys(ownFlags).length > 0;
  const [first = ''] = texts;
  if (texts.length <= 1 && /^(|none|host|default|private|bridge|(container|ns):.+)$/.test(first)) {
    if (hasOwn) {
      if (/^(none|host|container:|ns:)/.test(first)) {
        throw usageError(
          `--ip, --mac-address and --network-alias need a bridge network, not ${quote(first)}`,
        );
      }
      if (ownFlags.aliases !== undefined) {
        throw usageError(
          '--network-alias needs a network with a name of its own: there are no names on the default one',
        );
      }
      return { networks: [{ name: 'default', ...ownFlags }] };
    }
    if (first === 'bridge' || first === 'private') return { network: 'default' };
    return first === '' ? {} : { network: first };
  }
  const networks = texts.map(parseNetwork);
  if (hasOwn && networks.length > 1) {
    throw usageError(
      '--ip, --ip6, --mac-address and --network-alias can only be set for one network: use --network NAME:ip=…',
    );
  }
  return { networks: networks.map((network) => ({ ...network, ...ownFlags })) };
}

/** `a,b` are two networks; after a colon commas are between options. */
function splitNames(text: string): readonly string[] {
  return text.includes(':') ? [text] : text.split(',').filter((name) => name !== '');
}

/** `NAME[:ip=…,ip6=…,mac=…,alias=…,interface_name=…]`. */
export function parseNetwork(text: string): NetworkChoice {
  const colon = text.indexOf(':');
  const name = colon === -1 ? text : text.slice(0, colon);
  if (/^(none|host|container|ns|pod)$/.test(name)) {
    throw usageError(`cannot set multiple networks with ${quote(name)}, or options for it`);
  }
  if (!/^[a-zA-Z0-9][\w.-]*$/.test(name))
    throw usageError(`invalid network ${quote(text)}: use bridge, host, none or the name of a network`);
  const choice: { -readonly [K in keyof NetworkChoice]: NetworkChoice[K] } = {
    name: name === 'bridge' ? 'default' : name,
  };
  const aliases: string[] = [];
  for (const [key, value = ''] of splitPairs(colon === -1 ? '' : text.slice(colon + 1))) {
    if (key === 'ip') {
      if (isIPv6(value)) choice.ip6 = value;
      else choice.ip = checkIpv4(value);
    } else if (key === 'ip6') choice.ip6 = checkIpv6(value);
    else if (key === 'mac') choice.mac = checkMac(value);
    else if (key === 'alias') aliases.push(checkAlias(value));
    else if (key === 'interface_name' || key === 'host_interface_name') choice.ifName = value;
    else throw usageError(`unknown network option: ${quote(key)}`);
  }
  return aliases.length === 0 ? choice : { ...choice, aliases };
}

function readOwnFlags(flags: Flags): Omit<NetworkChoice, 'name'> {
  const ip = flags.string('ip') || undefined;
  const ip6 = flags.string('ip6') || undefined;
  const mac = flags.string('mac-address') || undefined;
  const aliases = flags.strings('network-alias').map(checkAlias);
  return {
    ...(ip !== undefined && { ip: checkIpv4(ip) }),
    ...(ip6 !== undefined && { ip6: checkIpv6(ip6) }),
    ...(mac !== undefined && { mac: checkMac(mac) }),
    ...(aliases.length > 0 && { aliases }),
  };
}

function checkIpv4(text: string): string {
  if (!isIPv4(text)) throw usageError(`${quote(text)} is not an IPv4 address`);
  return text;
}

function checkIpv6(text: string): string {
  if (!isIPv6(text)) throw usageError(`${quote(text)} is not an IPv6 address`);
  return text;
}

function checkMac(text: string): string {
  if (!/^([\da-f]{2}:){5}[\da-f]{2}$/i.test(text)) throw usageError(`${quote(text)} is not a MAC address`);
  return text;
}

/** It becomes a word of /etc/hosts. */
function checkAlias(text: string): string {
  if (!/^[a-zA-Z0-9][\w.-]*$/.test(text)) throw usageError(`${quote(text)} cannot be a name on a network`);
  return text;
}
