// What every engine checks of the tensors it is to load, before it copies any of them.

import type { NamedTensors } from '../base/namedTensors.ts'
import type { OptimizerState } from '../gpt/engine.ts'
import type { ParamSpec } from '../gpt/parameters.ts'

/** @throws RangeError for a tensor that is missing or of another shape. */
export function checkTensors(
  specs: readonly ParamSpec[],
  parameters: NamedTensors,
  optimizer: OptimizerState | undefined,
): void {
  const parts = [parameters, ...(optimizer ? [optimizer.firstMoments, optimizer.secondMoments] : [])]
  for (const part of parts) for (const spec of specs) checkTensor(part, spec)
}

function checkTensor(tensors: NamedTensors, { name, shape }: ParamSpec): void {
  const given = tensors.get(name)?.shape.join(' x ')
  if (given !== shape.join(' x '))
    throw new RangeError(`the tensor ${name} is ${given ?? 'missing'}, not ${shape.join(' x ')}`)
}
