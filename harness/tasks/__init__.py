"""The bundled tasks: a prompt, a seed that holds the spec, and a solution that proves it can be met."""
