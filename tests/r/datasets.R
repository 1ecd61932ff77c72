# Writes the public data sets of the package metadat as CSV with the columns of `kg pool`.
# Usage: Rscript tests/r/datasets.R
suppressPackageStartupMessages(library(metadat))
here <- file.path(dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))), "data")

put <- function(name, ...) {
  rows <- na.omit(data.frame(..., check.names = FALSE))
  rows[] <- lapply(rows, function(column) if (is.numeric(column)) formatC(column, digits = 15, width = 1, format = "g", flag = "") else column)
  write.csv(rows, file.path(here, paste0(name, ".csv")), row.names = FALSE, quote = FALSE)
}
counts <- function(name, d, ...) put(name, ai = d$ai, bi = d$n1i - d$ai, ci = d$ci, di = d$n2i - d$ci, ...)
means <- function(name, d, ...) put(name, m1 = d$m1i, sd1 = d$sd1i, n1 = d$n1i, m2 = d$m2i, sd2 = d$sd2i, n2 = d$n2i, ...)

d <- dat.bcg; put("bcg", study = d$trial, ai = d$tpos, bi = d$tneg, ci = d$cpos, di = d$cneg, ablat = d$ablat, year = d$year, alloc = d$alloc)
d <- dat.colditz1994; put("colditz1994", study = d$trial, ai = d$tpos, bi = d$tneg, ci = d$cpos, di = d$cneg)
means("normand1999", dat.normand1999, study = dat.normand1999$study)
means("curtis1998", dat.curtis1998, study = dat.curtis1998$id)
means("gibson2002", dat.gibson2002)
d <- dat.dagostino1998
put("dagostino1998", study = d$study, m1 = d$mt, sd1 = d$sdt, n1 = d$nt, m2 = d$mc, sd2 = d$sdc, n2 = d$nc)
counts("li2007", dat.li2007, study = dat.li2007$id)
counts("egger2001", dat.egger2001, study = dat.egger2001$id)
counts("nielweise2007", dat.nielweise2007, study = dat.nielweise2007$study)
counts("linde2005", dat.linde2005, study = dat.linde2005$id)
counts("hine1989", dat.hine1989, study = dat.hine1989$study)
d <- dat.hart1999; put("hart1999", study = d$trial, ai = d$x1i, bi = d$n1i - d$x1i, ci = d$x2i, di = d$n2i - d$x2i)
d <- dat.collins1985a; put("collins1985a", study = d$id, ai = d$b.xti, bi = d$nti - d$b.xti, ci = d$b.xci, di = d$nci - d$b.xci)
d <- dat.hackshaw1998; put("hackshaw1998", study = d$study, yi = d$yi, vi = d$vi)
d <- dat.raudenbush1985; put("raudenbush1985", study = d$study, yi = d$yi, vi = d$vi, weeks = d$weeks)
d <- dat.bangertdrowns2004; put("bangertdrowns2004", study = d$id, yi = d$yi, vi = d$vi, length = d$length)
d <- dat.baskerville2012; put("baskerville2012", yi = d$smd, vi = d$se^2)
d <- dat.konstantopoulos2011; put("konstantopoulos2011", cluster = d$district, study = d$school, yi = d$yi, vi = d$vi, year = d$year)
d <- dat.assink2016; put("assink2016", cluster = d$study, study = d$esid, yi = d$yi, vi = d$vi, deltype = d$deltype)
