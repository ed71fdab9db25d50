import ArgumentParser
import Spindle

extension ISA: ExpressibleByArgument {}
