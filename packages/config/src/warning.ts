// SPDX-License-Identifier: Apache-2.0

/** Something in a configuration that was passed over. The program goes on; a person should know. */
export interface ConfigWarning {
  /** The file it is in. */
  readonly file: string;
  /** One line, without secrets. */
  readonly message: string;
}
