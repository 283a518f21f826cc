// SPDX-License-Identifier: Apache-2.0

/** Data that containers are given without being part of an image, or of what can be looked at. */
export interface SecretInfo {
  /** 64 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  /** Later than `createdAt` when it was replaced. */
  readonly updatedAt: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface SecretOptions {
  /** Of 1 to 253 characters, without `,`, `/`, `=` and control characters. */
  readonly name: string;
  /** Between 1 and 511 999 bytes. */
  readonly data: Uint8Array;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** What to do when the name is taken. Default `refuse`; one that is replaced keeps its id. */
  readonly whenThere?: 'refuse' | 'replace' | 'keep' | undefined;
}

/** Secrets. `ref` is a name, an id, or the beginning of an id that no other has. */
export interface Secrets {
  /** @throws AlreadyExists when the name is taken; InvalidArgument for what is no name, or of the wrong size */
  create(options: SecretOptions): Promise<SecretInfo>;
  /** By name. */
  list(): Promise<readonly SecretInfo[]>;
  /** @throws NotFound with reason SECRET_UNKNOWN */
  inspect(ref: string): Promise<SecretInfo>;
  exists(ref: string): Promise<boolean>;
  /** Its data. @throws NotFound */
  read(ref: string): Promise<Uint8Array>;
  /** Containers keep the copies that they have. @throws NotFound */
  remove(ref: string): Promise<SecretInfo>;
}

/** A secret inside a container. */
export type ContainerSecret =
  | {
      readonly type: 'mount';
      /** Name or id; the name, once the container is made. */
      readonly secret: string;
      /** A path, relative to /run/secrets. Default: the name of the secret. */
      readonly target?: string;
      /** Inside the container. Default 0. */
      readonly uid?: number;
      readonly gid?: number;
      /** Default 0o444. */
      readonly mode?: number;
      /** Filled in when the container is made. */
      readonly id?: string;
    }
  | {
      /** A variable of the container's processes, as the secret is when it is started. */
      readonly type: 'env';
      readonly secret: string;
      /** Name of the variable. Default: that of the secret. */
      readonly target?: string;
      readonly id?: string;
    };
