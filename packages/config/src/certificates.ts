// SPDX-License-Identifier: Apache-2.0
import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { readText } from './files.ts';
import { systemAuthorities } from './system-certificates.ts';
import { shown } from './text.ts';
import type { TlsDetails } from './tls-details.ts';
import type { ConfigWarning } from './warning.ts';

/** The PEM texts of a host's folder. */
export interface HostCertificates extends TlsDetails {
  /** Authorities to trust as well as those that are trusted anyway: `*.crt`. */
  readonly ca?: readonly string[];
  /** Client certificates, `*.cert`, in the order of their keys, `*.key`. */
  readonly cert?: readonly string[];
  readonly key?: readonly string[];
  /**
   * The authorities that are trusted anyway: those of Node and of the machine, or those that `SSL_CERT_FILE` and
   * `SSL_CERT_DIR` name. Read when a certificate is to be verified.
   */
  readonly roots: () => Promise<readonly string[]>;
}

/** Options of {@link certificateProvider}. */
export interface CertificateOptions {
  /** Folders with a folder a host in them; the first that has the host's counts. Default: the user's, then the system's. */
  readonly directories?: readonly string[] | undefined;
  /** One folder with the certificates for every host, instead of those folders. */
  readonly folder?: string | undefined;
  /** What is allowed of TLS with any host, as `loadTlsDetails` reads it. Default: what Node allows. */
  readonly details?: TlsDetails | undefined;
  /** Default: `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** A folder that may not be read, once each. */
  readonly onWarning?: ((warning: ConfigWarning) => void) | undefined;
}

/**
 * The certificates of registries as `certs.d` has them: `HOST:PORT/*.crt` are authorities, `*.cert` with
 * `*.key` client certificates. Made to be the `tls` option of a registry client.
 *
 * @throws InvalidArgument for a certificate without its key or a key without its certificate
 * @see https://github.com/containers/image/blob/v5.36.2/docs/containers-certs.d.5.md
 */
export function certificateProvider(
  options: CertificateOptions = {},
): (host: string) => Promise<HostCertificates> {
  const { env = process.env, onWarning } = options;
  const directories = options.directories ?? [
    join(env.HOME || homedir(), '.config/containers/certs.d'),
    '/etc/containers/certs.d',
    '/etc/docker/certs.d',
  ];
  const warned = new Set<string>();

  function list(folder: string): readonly string[] | undefined {
    try {
      return readdirSync(folder).sort();
    } catch (error) {
      const { code, reason, message } = LadingError.from(error);
      if (code === Code.NotFound || reason === 'ENOTDIR') return undefined;
      if (code !== Code.PermissionDenied) throw error;
      if (!warned.has(folder))
        onWarning?.({ file: folder, message: `it is passed over: ${reason ?? message}` });
      warned.add(folder);
      return undefined;
    }
  }

  let trusted: Promise<readonly string[]> | undefined;
  const roots = (): Promise<readonly string[]> => {
    trusted ??= systemAuthorities(env);
    return trusted;
  };
  return async (host) => ({ ...options.details, ...(await certificatesOf(host)), roots });

  async function certificatesOf(host: string): Promise<Partial<HostCertificates>> {
    // The host becomes the name of a folder, where `..` would lead to another.
    if (!/^[\w.:[\]-]+$/.test(host) || /^\.+$/.test(host)) {
      throw new LadingError(Code.InvalidArgument, `${shown(host)} is not the host of a registry`);
    }
    if (options.folder !== undefined) return readFolder(options.folder, list(options.folder) ?? []);
    // A URL leaves the port of https out, and the folder may have it.
    const names = /:\d+$/.test(host) ? [host] : [host, `${host}:443`];
    // Docker Hub is reached by another name than images have.
    if (host === 'registry-1.docker.io') names.push('docker.io');
    for (const folder of directories.flatMap((directory) => names.map((name) => join(directory, name)))) {
      const files = list(folder);
      if (files !== undefined) return await readFolder(folder, files);
    }
    return {};
  }
}

async function readFolder(folder: string, files: readonly string[]): Promise<Partial<HostCertificates>> {
  const ca: string[] = [];
  const cert: string[] = [];
  const key: string[] = [];
  const add = async (list: string[], file: string): Promise<void> => {
    // One that was removed since the folder was listed is one that is not there.
    const text = await readText(join(folder, file));
    if (text !== undefined) list.push(text);
  };
  for (const file of files) {
    const [, name = '', kind] = /^(.*)\.(crt|cert|key)$/.exec(file) ?? [];
    if (kind === 'crt') await add(ca, file);
    if (kind === 'key' && !files.includes(`${name}.cert`)) {
      throw fault(folder, `${shown(file)} has no certificate ${shown(`${name}.cert`)} beside it`);
    }
    if (kind !== 'cert') continue;
    if (!files.includes(`${name}.key`)) {
      const advice = 'authorities have names that end in .crt';
      throw fault(folder, `${shown(file)} has no key ${shown(`${name}.key`)} beside it; ${advice}`);
    }
    await add(cert, file);
    await add(key, `${name}.key`);
  }
  return {
    ...(ca.length === 0 ? {} : { ca }),
    ...(cert.length === 0 ? {} : { cert, key }),
  };
}

function fault(folder: string, what: string): LadingError {
  return new LadingError(Code.InvalidArgument, `${folder}: ${what}`, {
    reason: 'CONFIG_INVALID',
    details: { file: folder },
  });
}
