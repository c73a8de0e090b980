"""Where, when and for whom there is no station: measures of coverage, each with its definition and denominator."""
