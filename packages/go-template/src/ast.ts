// SPDX-License-Identifier: Apache-2.0

/** Where a node stands: index into the template's text. */
interface Placed {
  readonly at: number;
}

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | ({ readonly kind: 'action'; readonly pipe: Pipe } & Placed)
  | ({
      readonly kind: 'if' | 'with' | 'range';
      readonly pipe: Pipe;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    } & Placed)
  | ({ readonly kind: 'break' | 'continue' } & Placed)
  /** Runs the template of a name; its dot is nil without a pipe. */
  | ({
      readonly kind: 'template';
      readonly name: string;
      readonly pipe: Pipe | undefined;
      readonly text: string;
    } & Placed);

/** What a text holds: its own nodes, and the templates that it defines. */
export interface Parsed {
  readonly nodes: readonly Node[];
  readonly templates: ReadonlyMap<string, readonly Node[]>;
}

/** Commands joined by `|`; the names left of `:=` or `=`. */
export interface Pipe extends Placed {
  readonly kind: 'pipe';
  readonly names: readonly string[];
  /** True for `=`: the names exist already. */
  readonly assigns: boolean;
  readonly commands: readonly Command[];
  readonly text: string;
}

export interface Command extends Placed {
  readonly operands: readonly Operand[];
  readonly text: string;
}

export type Operand =
  | ({ readonly kind: 'dot' } & Placed)
  | ({
      readonly kind: 'constant';
      readonly value: string | number | boolean | null;
      readonly text: string;
    } & Placed)
  /** `.A.B` */
  | ({ readonly kind: 'field'; readonly path: readonly string[] } & Placed)
  /** `$x.A` */
  | ({ readonly kind: 'variable'; readonly name: string; readonly path: readonly string[] } & Placed)
  | ({ readonly kind: 'function'; readonly name: string } & Placed)
  /** `(…).A` */
  | ({ readonly kind: 'chain'; readonly pipe: Pipe; readonly path: readonly string[] } & Placed);
