@echo off
rem does nothing
