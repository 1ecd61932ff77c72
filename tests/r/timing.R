# Prints the CPU milliseconds of one call of each task, best of five loops, as CSV: name,milliseconds.
# Usage: Rscript tests/r/timing.R LARGE.csv     (a table of yi,vi)
suppressPackageStartupMessages(library(metafor))
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
read <- function(name) read.csv(file.path(here, "data", paste0(name, ".csv")))
bcg <- escalc("RR", ai = ai, bi = bi, ci = ci, di = di, data = read("bcg"))
schools <- read("konstantopoulos2011")
large <- read.csv(commandArgs(TRUE)[1])
curtis <- read("curtis1998")

cpu <- function() { now <- proc.time(); now[["user.self"]] + now[["sys.self"]] }
best <- function(act, least = 0.2) {
  times <- 1; repeat { from <- cpu(); for (i in seq_len(times)) act(); spent <- cpu() - from; if (spent > least) break; times <- times * 4 }
  rounds <- if (spent > 1) 1 else 5
  min(spent, vapply(seq_len(rounds), function(j) { from <- cpu(); for (i in seq_len(times)) act(); cpu() - from }, 0)) / times * 1000
}
fitted <- rma(yi, vi, data = bcg)
tasks <- list(
  `effect sizes, k = 102` = function() escalc("SMD", m1i = m1, sd1i = sd1, n1i = n1, m2i = m2, sd2i = sd2, n2i = n2, data = curtis),
  `DL, k = 13` = function() rma(yi, vi, data = bcg, method = "DL"),
  `REML, k = 13` = function() rma(yi, vi, data = bcg),
  `REML with all intervals, k = 13` = function() { r <- rma(yi, vi, data = bcg); predict(r); confint(r) },
  `PM, k = 13` = function() rma(yi, vi, data = bcg, method = "PM"),
  `REML with a moderator, k = 13` = function() rma(yi, vi, mods = ~ ablat, data = bcg),
  `Egger, k = 13` = function() regtest(fitted, model = "lm"),
  `trim and fill, k = 13` = function() trimfill(fitted),
  `three levels, k = 56` = function() rma.mv(yi, vi, random = ~ 1 | cluster/study, data = schools),
  `DL, k = 1000` = function() rma(yi, vi, data = large, method = "DL"),
  `REML, k = 1000` = function() rma(yi, vi, data = large)
)
for (name in names(tasks)) cat('"', name, '",', sprintf("%.6g", best(tasks[[name]])), "\n", sep = "")
