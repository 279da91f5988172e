// A file of src as the rules see it: what it imports, and every place in its syntax tree. It is parsed, not searched,
// so that comments, strings and the text in JSX are never taken for code, and code is found in any spelling.

import { builtinModules } from 'node:module'
import { posix } from 'node:path'
import { parseAst } from 'vitest/node'

/** Those fields of ESTree's nodes that are looked at here. */
export interface Node {
  readonly type: string
  readonly start: number
  readonly name?: unknown
  readonly value?: unknown
  readonly computed?: boolean
  readonly operator?: string
  readonly importKind?: 'type' | 'value' | null
  readonly exportKind?: 'type' | 'value' | null
  readonly regex?: { readonly pattern: string }
  readonly [child: string]: unknown
}

/** A node, and how it hangs in the tree: `parent.node[field]` is or holds it. */
export interface Place {
  readonly node: Node
  readonly field: string
  readonly parent: Place | undefined
  /** Within a type, which is gone when the code runs. */
  readonly isType: boolean
}

export interface Import {
  readonly node: Node
  readonly form: 'import' | 'export' | 'dynamic' | 'type'
  /** A file from src (`gpt/model.ts`), `node:` and a builtin, or a package; undefined if only running it would tell. */
  readonly target: string | undefined
  readonly isFile: boolean
  readonly typeOnly: boolean
  /** `*` if it takes the module as a whole. */
  readonly names: readonly string[]
}

export interface Source {
  /** From src, with forward slashes: `store/corpus.ts`. */
  readonly path: string
  readonly room: string
  readonly text: string
  readonly places: readonly Place[]
  readonly imports: readonly Import[]
}

/** @throws for a text that does not parse. */
export function sourceOf(path: string, text: string): Source {
  const program = parseAst(text, { lang: path.endsWith('x') ? 'tsx' : 'ts' }, path) as unknown as Node
  const places = [...placesIn(program)]
  const imports = places.flatMap(({ node }) => importOf(path, node) ?? [])
  return { path, room: path.split('/')[0], text, places, imports }
}

function* placesIn(node: Node, field = '', parent?: Place): Generator<Place> {
  const isType = parent?.isType === true || (node.type.startsWith('TS') && !RUNNING_TS.has(node.type))
  const place = { node, field, parent, isType }
  yield place
  for (const [name, value] of Object.entries(node)) {
    for (const child of [value].flat()) if (isNode(child)) yield* placesIn(child, name, place)
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'
}

/** TypeScript's own syntax that holds code; all the rest of it is types. */
const RUNNING_TS: ReadonlySet<string> = new Set([
  'TSAsExpression',
  'TSEnumBody',
  'TSEnumDeclaration',
  'TSEnumMember',
  'TSExportAssignment',
  'TSImportEqualsDeclaration',
  'TSInstantiationExpression',
  'TSModuleBlock',
  'TSModuleDeclaration',
  'TSNonNullExpression',
  'TSParameterProperty',
  'TSQualifiedName',
  'TSSatisfiesExpression',
  'TSTypeAssertion',
])

const FORMS: Readonly<Record<string, Import['form']>> = {
  ImportDeclaration: 'import',
  ExportNamedDeclaration: 'export',
  ExportAllDeclaration: 'export',
  ImportExpression: 'dynamic',
  TSImportType: 'type',
  TSExternalModuleReference: 'import', // import a = require('b')
}

function importOf(path: string, node: Node): Import | undefined {
  const form = FORMS[node.type]
  const specifier = node.source ?? node.expression
  if (form === undefined || !isNode(specifier)) return undefined
  const parts = specifiersOf(node)
  const kind = node.importKind ?? node.exportKind
  const typeOnly = form === 'type' || kind === 'type' || (parts.length > 0 && parts.every(isTypeSpecifier))
  const written = staticText(specifier)
  const isFile = written !== undefined && written.startsWith('.')
  return { node, form, target: written && resolve(path, written), isFile, typeOnly, names: namesOf(node, parts) }
}

export function specifiersOf(node: Node): readonly Node[] {
  return (node.specifiers ?? []) as readonly Node[]
}

function isTypeSpecifier({ importKind, exportKind }: Node): boolean {
  return (importKind ?? exportKind) === 'type'
}

function namesOf({ type }: Node, specifiers: readonly Node[]): string[] {
  if (type !== 'ImportDeclaration' && type !== 'ExportNamedDeclaration') return ['*']
  return specifiers.map((specifier) => {
    if (specifier.type === 'ImportDefaultSpecifier') return 'default'
    if (specifier.type === 'ImportNamespaceSpecifier') return '*'
    const { name, value } = (specifier.imported ?? specifier.local) as Node
    return String(name ?? value) // import { 'a name' as b }
  })
}

function resolve(path: string, specifier: string): string {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(path), specifier)
  return builtinModules.includes(specifier) ? `node:${specifier}` : specifier
}

/** The text of an expression that always has the same: a string, a template without gaps, a sum of such. */
export function staticText(node: Node): string | undefined {
  if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : undefined
  if (node.type === 'BinaryExpression' && node.operator === '+') return joined([node.left, node.right] as Node[])
  if (node.type === 'TemplateLiteral') return templateText(node.quasis as Node[], node.expressions as Node[])
  return isNode(node.expression) ? staticText(node.expression) : undefined // 'a' as const
}

function joined(nodes: readonly Node[]): string | undefined {
  const texts = nodes.map(staticText)
  return texts.includes(undefined) ? undefined : texts.join('')
}

function templateText(quasis: readonly Node[], expressions: readonly Node[]): string | undefined {
  const gaps = expressions.map(staticText)
  if (gaps.includes(undefined)) return undefined
  return quasis.map(({ value }, index) => `${(value as { cooked: string }).cooked}${gaps[index] ?? ''}`).join('')
}

/** The string that begins here, however it is written. */
export function stringAt({ node }: Place): string | undefined {
  return ['Literal', 'TemplateLiteral', 'BinaryExpression'].includes(node.type) ? staticText(node) : undefined
}

/** The name of the variable that is used or made here; not that of a field, and nothing within a type. */
export function variableAt({ node, field, parent, isType }: Place): string | undefined {
  if (node.type !== 'Identifier' || isType || parent === undefined) return undefined
  const isField = FIELD_NAMES.has(`${parent.node.type}.${field}`) && parent.node.computed !== true
  return isField ? undefined : String(node.name)
}

const FIELD_NAMES: ReadonlySet<string> = new Set([
  'AccessorProperty.key',
  'BreakStatement.label',
  'ContinueStatement.label',
  'ExportAllDeclaration.exported',
  'ExportSpecifier.exported',
  'ImportAttribute.key',
  'ImportSpecifier.imported',
  'LabeledStatement.label',
  'MemberExpression.property',
  'MetaProperty.meta',
  'MetaProperty.property',
  'MethodDefinition.key',
  'Property.key',
  'PropertyDefinition.key',
  'TSEnumMember.id',
  'TSModuleDeclaration.id',
])

/** What a member access or a destructured property reads; undefined if only running it would tell. */
export function fieldRead({ type, computed, property, key }: Node): string | undefined {
  const field = (type === 'MemberExpression' ? property : key) as Node
  return computed === true || field.type === 'Literal' ? staticText(field) : String(field.name)
}
